"""Writes the rows by which events go out, replays and removes them."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from crm.integration import tasks
from crm.integration.catalogue import is_told, wants
from crm.integration.models import WebhookDelivery, WebhookEndpoint
from crm.integration.services.endpoints import KIND
from crm.integration.types import KEPT_FOR, MAX_REPLAY, TEST_KIND, Replayed
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, NotFound
from guanxi.events.types import Event
from guanxi.jobs.publishing import enqueue
from guanxi.jobs.registry import daily
from guanxi.tenancy import require_tenant
from guanxi.timers import set_timer

TIMER = "webhook.delivery"
# The task is sent at once; should it be lost, the timer brings the delivery back.
SAFETY = timedelta(seconds=60)
# Many replays go out one after another, so that the other side is not run over.
BETWEEN_REPLAYS = timedelta(milliseconds=100)
State = WebhookDelivery.State


def queue_event(*, event: Event) -> int:
    """Write a delivery for each endpoint that wants the event, in the dispatch's transaction; return how many."""
    if not is_told(event.kind):
        return 0
    wanting = [
        endpoint
        for endpoint in WebhookEndpoint.objects.filter(active=True).only("id", "kinds")
        if wants(endpoint.kinds, event.kind)
    ]
    if not wanting:
        return 0
    known = set(WebhookDelivery.objects.filter(event_id=event.id).values_list("endpoint_id", flat=True))
    fresh = [endpoint for endpoint in wanting if endpoint.pk not in known]
    for endpoint in fresh:
        _queue(endpoint, event_id=event.id, kind=event.kind, payload=_payload_of(event))
    return len(fresh)


def _payload_of(event: Event) -> dict[str, Any]:
    return {
        "id": f"evt_{event.id}",
        "kind": event.kind,
        "created_at": event.occurred_at.isoformat(),
        "workspace": require_tenant().slug,
        "record": {"kind": event.aggregate_kind, "id": event.aggregate_id},
        "actor": {"kind": event.actor_kind, "member_id": event.actor_id},
        "data": event.data,
    }


def _queue(endpoint: WebhookEndpoint, *, event_id: int | None, kind: str, payload: dict[str, Any]) -> WebhookDelivery:
    now = clock.now()
    delivery = WebhookDelivery.objects.create(
        endpoint_id=endpoint.pk, event_id=event_id, kind=kind, payload=payload, created_at=now, next_try_at=now
    )
    set_timer(TIMER, delivery.pk, now + SAFETY)
    enqueue(tasks.send, delivery.pk)
    return delivery


def send_test(*, actor: Actor, endpoint_id: int) -> WebhookDelivery:
    """Send an endpoint a test event, whatever kinds it asked for."""
    require(actor, "webhook.manage")
    with transaction.atomic():
        endpoint = _active(endpoint_id)
        payload = {
            "id": "",
            "kind": TEST_KIND,
            "created_at": clock.now().isoformat(),
            "workspace": require_tenant().slug,
            "record": None,
            "actor": {"kind": actor.kind.value, "member_id": actor.member_id},
            "data": {},
        }
        delivery = _queue(endpoint, event_id=None, kind=TEST_KIND, payload=payload)
        delivery.payload = {**payload, "id": f"evt_test_{delivery.pk}"}
        delivery.save(update_fields=["payload"])
    return delivery


def replay_delivery(*, actor: Actor, delivery_id: int) -> WebhookDelivery:
    """Send a delivery once more, with the same id, whether it arrived or not."""
    require(actor, "webhook.manage")
    with transaction.atomic():
        delivery = WebhookDelivery.objects.select_for_update().filter(pk=delivery_id).first()
        if delivery is None:
            raise NotFound("webhook_delivery", delivery_id)
        _active(delivery.endpoint_id)
        WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(paused_until=None)
        _again(delivery, clock.now())
        enqueue(tasks.send, delivery.pk)
        changes = {"delivery": (None, delivery.pk)}
        record_audit(actor=actor, action="replayed", kind=KIND, record_id=delivery.endpoint_id, changes=changes)
    return delivery


def replay_failed(*, actor: Actor, endpoint_id: int, since: datetime) -> Replayed:
    """Send all that failed at an endpoint since a moment once more, oldest first, some at a time."""
    require(actor, "webhook.manage")
    with transaction.atomic():
        endpoint = _active(endpoint_id)
        failed = WebhookDelivery.objects.filter(endpoint=endpoint, state=State.FAILED, created_at__gte=since)
        rows = list(failed.select_for_update(skip_locked=True).order_by("pk")[: MAX_REPLAY + 1])
        more, rows = len(rows) > MAX_REPLAY, rows[:MAX_REPLAY]
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(paused_until=None)
        at = clock.now()
        for delivery in rows:
            _again(delivery, at)
            at += BETWEEN_REPLAYS
        changes = {"since": (None, since.isoformat()), "replayed": (None, len(rows))}
        record_audit(actor=actor, action="replayed", kind=KIND, record_id=endpoint.pk, changes=changes)
    return Replayed(len(rows), more)


def _active(endpoint_id: int) -> WebhookEndpoint:
    endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound(KIND, endpoint_id)
    if not endpoint.active:
        raise Conflict("webhook_off", "The endpoint is switched off; switch it on first.")
    return endpoint


def _again(delivery: WebhookDelivery, at: datetime) -> None:
    delivery.state, delivery.tries, delivery.error = State.WAITING, 0, ""
    delivery.next_try_at, delivery.leased_until, delivery.finished_at = at, None, None
    delivery.save(update_fields=["state", "tries", "error", "next_try_at", "leased_until", "finished_at"])
    set_timer(TIMER, delivery.pk, at)


@daily("integration.prune")
def prune_deliveries() -> int:
    """Remove deliveries after a month; return how many."""
    removed, _ = WebhookDelivery.objects.filter(created_at__lt=clock.now() - KEPT_FOR).delete()
    return removed
