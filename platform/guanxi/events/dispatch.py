"""Hands one event to its subscribers, each in a transaction of its own, each once."""

import logging
from datetime import timedelta

from django.db import transaction

from guanxi.common import clock
from guanxi.events.models import EventDelivery, OutboxEvent
from guanxi.events.registry import Subscriber, register_sink, sinks, subscribers_of
from guanxi.events.types import Audience, Event
from guanxi.tenancy import find_tenant, public_scope, tenant_scope

__all__ = ["dispatch_event", "register_sink"]

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 8
SINKS = "guanxi.sinks"


def dispatch_event(event_id: int) -> bool:
    """Deliver an event; return whether it is finished.

    The event's row stays locked for the whole delivery, so that a second worker that got the same id does nothing. A
    subscriber that fails leaves the others' deliveries as they are; the event comes again after a growing pause, and
    after 8 tries it is dead.
    """
    with public_scope(), transaction.atomic():
        row = (
            OutboxEvent.objects.select_for_update(skip_locked=True)
            .filter(pk=event_id, state=OutboxEvent.State.PENDING)
            .first()
        )
        if row is None:
            return False
        failure = _deliver(row)
        if failure is None:
            row.state, row.done_at, row.error = OutboxEvent.State.DONE, clock.now(), ""
        else:
            _postpone(row, failure)
        row.leased_until = None
        row.save(update_fields=["state", "done_at", "error", "attempts", "next_attempt_at", "leased_until"])
        return failure is None


def _postpone(row: OutboxEvent, failure: str) -> None:
    row.attempts += 1
    row.error = failure[:2000]
    if row.attempts >= MAX_ATTEMPTS:
        row.state = OutboxEvent.State.DEAD
        log.error("event %s (%s) is dead after %s tries: %s", row.pk, row.kind, row.attempts, failure)
    else:
        row.next_attempt_at = clock.now() + timedelta(seconds=min(2**row.attempts, 600))


def _deliver(row: OutboxEvent) -> str | None:
    tenant = find_tenant(row.tenant_schema) if row.tenant_id is not None else None
    if tenant is None and row.tenant_id is not None:
        return None  # The tenant is gone and with it everything that the event could touch.
    event = Event(
        id=row.pk,
        kind=row.kind,
        tenant=tenant,
        aggregate_kind=row.aggregate_kind,
        aggregate_id=row.aggregate_id,
        occurred_at=row.occurred_at,
        data=row.data,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
    )
    handled = set(EventDelivery.objects.filter(event_id=row.pk).values_list("subscriber", flat=True))
    audience = Audience.from_json(row.audience) if row.audience else None
    # The sinks come last: numbering locks the tenant's counter, and that lock must not be held while the subscribers
    # work.
    steps = [*subscribers_of(row.kind), Subscriber(SINKS, frozenset(), lambda e: _run_sinks(e, audience))]
    failure = None
    for step in steps:
        if step.name in handled:
            continue
        fault = _call(step, event)
        failure = failure or fault
    return failure


def _run_sinks(event: Event, audience: Audience | None) -> None:
    for sink in sinks():
        sink(event, audience)


def _call(step: Subscriber, event: Event) -> str | None:
    scope = tenant_scope(event.tenant) if event.tenant else public_scope()
    try:
        with scope, transaction.atomic():
            step.handler(event)
            EventDelivery.objects.create(event_id=event.id, subscriber=step.name)
    except Exception as fault:
        log.exception("subscriber %s failed on event %s (%s)", step.name, event.id, event.kind)
        return f"{step.name}: {type(fault).__name__}: {fault}"
    return None
