"""Gives each event that somebody may hear its number, in the transaction of its dispatch."""

from functools import partial

from django.db import connection, transaction

from guanxi.events.types import Audience, Event
from guanxi.realtime.messages import event_values
from guanxi.realtime.models import LiveEvent
from guanxi.realtime.publishing import publish_event

# The upsert's row lock lasts until the commit, so that numbers become visible in their order and without gaps.
NEXT_SEQ = """
INSERT INTO realtime_livecounter (id, last_seq) VALUES (1, 1)
ON CONFLICT (id) DO UPDATE SET last_seq = realtime_livecounter.last_seq + 1
RETURNING last_seq
"""


def number_event(event: Event, audience: Audience | None) -> None:
    """Number an event of a tenant that has an audience, keep it for replay, and publish it after the commit."""
    if audience is None or event.tenant is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(NEXT_SEQ)
        seq = cursor.fetchone()[0]
    row = LiveEvent.objects.create(
        seq=seq,
        kind=event.kind,
        record_kind=event.aggregate_kind,
        record_id=event.aggregate_id,
        data=event.data,
        audience=audience.to_json(),
        at=event.occurred_at,
    )
    transaction.on_commit(partial(publish_event, event.tenant.schema, event_values(row), row.audience), robust=True)
