"""Lets the past be past: what services wrote about it neither rings, nor is sent, nor comes due again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from crm.conversations.events import CONVERSATION_LINKED
from crm.conversations.models import Message
from crm.conversations.services import show_talk_on_timelines
from guanxi.common import clock
from guanxi.events.models import OutboxEvent
from guanxi.events.services import settle_events
from guanxi.notifications.models import Notification
from guanxi.tenancy import require_tenant
from guanxi.timers.services import forget_past

RECENT = timedelta(days=1)


@contextmanager
def quiet() -> Iterator[None]:
    """Settle every event, reminder and notification that the block made about the past, at its end."""
    yield
    schema = require_tenant().schema
    # Nobody is told of the past, but its talks belong on the timelines.
    linked = OutboxEvent.objects.filter(tenant_schema=schema, kind=CONVERSATION_LINKED, state="pending")
    for conversation_id in sorted(set(linked.values_list("aggregate_id", flat=True))):
        show_talk_on_timelines(conversation_id=conversation_id)
    settle_events(schema)
    forget_past(schema, clock.now())
    Notification.objects.filter(read_at__isnull=True, created_at__lt=clock.now() - RECENT).update(read_at=clock.now())


def settle_deliveries() -> None:
    """Let what the demo's people wrote count as sent: the played customers of the past have no phones."""
    Message.objects.filter(state=Message.State.PENDING).update(state=Message.State.SENT)
