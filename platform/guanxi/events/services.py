"""Writes events into the outbox."""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from guanxi.access import Actor
from guanxi.common import clock
from guanxi.events.models import EventDelivery, OutboxEvent
from guanxi.events.types import Audience
from guanxi.tenancy import current_tenant, public_scope

WAKE_CHANNEL = "guanxi_outbox"
KEEP_DONE = timedelta(days=30)
PRUNE_BATCH = 2000


def record_event(
    kind: str,
    *,
    actor: Actor | None,
    aggregate: tuple[str, int],
    data: dict[str, Any] | None = None,
    audience: Audience | None = None,
) -> int:
    """Write an event in the caller's transaction and wake the relay at its commit; return the event's id.

    `data` holds ids, field names, states and numbers, never personal data. Raises RuntimeError outside of a
    transaction, because then the event could be lost or tell of a change that never came.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"record_event({kind!r}) needs a transaction round the change and its event")
    tenant = current_tenant()
    event = OutboxEvent.objects.create(
        tenant_id=tenant.id if tenant else None,
        tenant_schema=tenant.schema if tenant else "public",
        kind=kind,
        aggregate_kind=aggregate[0],
        aggregate_id=aggregate[1],
        data=data or {},
        audience=audience.to_json() if audience else None,
        actor_kind=actor.kind.value if actor else "system",
        actor_id=actor.member_id if actor else None,
        occurred_at=clock.now(),
    )
    _notify()
    return event.pk


def replay_dead_event(*, event_id: int) -> None:
    """Put a dead event back in the line; subscribers that had handled it are not called again."""
    with transaction.atomic():
        OutboxEvent.objects.filter(pk=event_id, state=OutboxEvent.State.DEAD).update(
            state=OutboxEvent.State.PENDING, attempts=0, next_attempt_at=clock.now(), leased_until=None
        )


def settle_events(schema: str) -> int:
    """Mark every waiting event of a schema as done without telling anybody, for work that tells of the past.

    Return how many.
    """
    pending = OutboxEvent.objects.filter(tenant_schema=schema, state=OutboxEvent.State.PENDING)
    return pending.update(state=OutboxEvent.State.DONE, done_at=clock.now())


def forget_done_events(*, limit: int = PRUNE_BATCH) -> int:
    """Delete events that everybody had heard of a month ago, with the notes of who had; return how many.

    Dead ones stay until somebody has looked at them. One batch a transaction, so that the relay never waits for long.
    """
    before, forgotten = clock.now() - KEEP_DONE, 0
    while True:
        with transaction.atomic():
            done = OutboxEvent.objects.filter(state=OutboxEvent.State.DONE, done_at__lt=before)
            ids = list(done.order_by("done_at").values_list("pk", flat=True)[:limit])
            EventDelivery.objects.filter(event_id__in=ids).delete()
            OutboxEvent.objects.filter(pk__in=ids).delete()
        forgotten += len(ids)
        if len(ids) < limit:
            return forgotten


def wake_relay(finished_event_id: int) -> None:
    """Wake the relay when an event of the same aggregate was waiting behind the finished one."""
    with public_scope(), transaction.atomic():
        done = (
            OutboxEvent.objects.filter(pk=finished_event_id)
            .values("tenant_schema", "aggregate_kind", "aggregate_id")
            .first()
        )
        if done and OutboxEvent.objects.filter(state=OutboxEvent.State.PENDING, **done).exists():
            _notify()


def _notify() -> None:
    # NOTIFY is itself transactional: PostgreSQL sends it at commit, once for many events of one transaction.
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {WAKE_CHANNEL}")
