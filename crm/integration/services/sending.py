"""Sends one delivery: taken under a lease, sent outside of any transaction, noted afterwards.

Two workers never hold the same delivery, a slow receiver holds no lock, and the delivery of a worker that died goes out
again after the lease. The receiver may therefore get an event twice, with the same id, and never not at all.
"""

import random
import time
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import orjson
from django.db import transaction
from django.db.models import Q

from crm.integration.catalogue import RECORD_OPERATIONS
from crm.integration.live import tell_of_delivery
from crm.integration.models import WebhookDelivery, WebhookEndpoint
from crm.integration.services.deliveries import TIMER
from crm.integration.services.endpoints import disable_endpoint
from crm.integration.signing import HEADER, secrets_of, signature
from crm.integration.types import BACK_OFF, FAILING_FOR, MAX_TRIES, Outcome, Outgoing
from guanxi.common import clock
from guanxi.http.inside import read_as
from guanxi.http.outbound import CallFailed, post_outside
from guanxi.notifications.services import notify
from guanxi.timers import cancel_timer, set_timer
from tenants.members.selectors import active_members_with_permission, actor_of_member_id

LEASE = timedelta(seconds=45)
CALL_SECONDS = 10.0
# Of one endpoint only so many calls at a time, so that a slow one does not take all workers.
AT_ONCE = 4
ROOM_SOON = timedelta(seconds=2)
# An endpoint that fails again and again is left alone for a while, longer each time.
PAUSE_AFTER = 5
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=10)
MOST_PATIENCE = timedelta(hours=24)
FAILURES_BEFORE_OFF = 10
HISTORY = 20
BUSY = frozenset({429, 503})
GONE = 410
AGENT = "Guanxi-Webhooks/1"
State = WebhookDelivery.State


def send_delivery(*, delivery_id: int) -> bool:
    """Send a delivery if it is its turn; return whether a call was made."""
    outgoing = _take(delivery_id)
    if outgoing is None:
        return False
    outcome = _call(outgoing)
    _note(outgoing, outcome)
    return True


def _take(delivery_id: int) -> Outgoing | None:
    now = clock.now()
    with transaction.atomic():
        waiting = WebhookDelivery.objects.select_for_update(skip_locked=True).filter(pk=delivery_id)
        delivery = waiting.filter(state=State.WAITING).first()
        if delivery is None or (delivery.leased_until is not None and delivery.leased_until > now):
            return None
        # Under the endpoint's lock, so that those who come at once count each other.
        endpoint = WebhookEndpoint.objects.select_for_update().get(pk=delivery.endpoint_id)
        if not endpoint.active:
            _finish(delivery, State.FAILED, error="endpoint_off")
            delivery.save()
            return None
        if later := _not_before(endpoint, delivery, now):
            delivery.next_try_at = later
            delivery.save(update_fields=["next_try_at"])
            set_timer(TIMER, delivery.pk, later)
            return None
        delivery.leased_until = now + LEASE
        delivery.attempts += 1
        delivery.tries += 1
        delivery.save(update_fields=["leased_until", "attempts", "tries"])
        set_timer(TIMER, delivery.pk, delivery.leased_until)
        record = delivery.payload.get("record") if endpoint.with_record else None
        return Outgoing(
            delivery_id=delivery.pk,
            endpoint_id=endpoint.pk,
            attempt=delivery.attempts,
            url=endpoint.url,
            secrets=secrets_of(endpoint),
            message_id=str(delivery.payload["id"]),
            payload=delivery.payload,
            record=(record["kind"], record["id"]) if record else None,
            as_member_id=endpoint.reads_as_id,
        )


def _not_before(endpoint: WebhookEndpoint, delivery: WebhookDelivery, now: datetime) -> datetime | None:
    """Return when a delivery may try instead; None for now. A test is somebody waiting: nothing holds it up."""
    if delivery.event_id is None:
        return None
    if endpoint.paused_until is not None and endpoint.paused_until > now:
        return endpoint.paused_until + timedelta(seconds=random.uniform(0, 5))
    leased = WebhookDelivery.objects.filter(endpoint=endpoint, leased_until__gt=now).count()
    return now + ROOM_SOON if leased >= AT_ONCE else None


def body_of(outgoing: Outgoing) -> bytes:
    """Return what is sent: the event, and the record as it is now when the endpoint wants it."""
    payload = dict(outgoing.payload)
    if outgoing.record is not None:
        payload["current"] = _current(outgoing.record, outgoing.as_member_id)
    return orjson.dumps(payload)


def _current(record: tuple[str, int], member_id: int | None) -> dict[str, object] | None:
    kind, record_id = record
    actor = actor_of_member_id(member_id) if member_id is not None else None
    if actor is None or kind not in RECORD_OPERATIONS:
        return None
    operation, parameter = RECORD_OPERATIONS[kind]
    return read_as(actor, operation, **{parameter: record_id})


def _call(outgoing: Outgoing) -> Outcome:
    body = body_of(outgoing)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "Guanxi-Event": str(outgoing.payload["kind"]),
        "Guanxi-Delivery": outgoing.message_id,
        "Guanxi-Attempt": str(outgoing.attempt),
        HEADER: signature(body, outgoing.secrets, clock.now()),
    }
    started = time.monotonic()
    try:
        answer = post_outside(outgoing.url, body=body, headers=headers, seconds=CALL_SECONDS)
    except CallFailed as fault:
        return Outcome(error=fault.code, duration_ms=_since(started))
    return Outcome(
        error="" if 200 <= answer.status < 300 else "redirect" if 300 <= answer.status < 400 else "status",
        status_code=answer.status,
        duration_ms=_since(started),
        answer=answer.beginning,
        retry_after=retry_after(answer.headers.get("retry-after", "")) if answer.status in BUSY else None,
    )


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def retry_after(value: str) -> timedelta | None:
    """Read a Retry-After header, seconds or a date; None for anything else, and never more than a day."""
    text = value.strip()
    if text.isdecimal() and len(text) < 10:
        return min(timedelta(seconds=int(text)), MOST_PATIENCE)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        return None
    return min(max(moment - clock.now(), timedelta()), MOST_PATIENCE)


def _note(outgoing: Outgoing, outcome: Outcome) -> None:
    with transaction.atomic():
        delivery = WebhookDelivery.objects.select_for_update().filter(pk=outgoing.delivery_id).first()
        if delivery is None or delivery.attempts != outgoing.attempt:
            return  # The endpoint is gone, or the lease ran out and another attempt has the word.
        delivery.status_code, delivery.duration_ms = outcome.status_code, outcome.duration_ms
        delivery.answer, delivery.leased_until = outcome.answer, None
        entry = {
            "at": clock.now().isoformat(),
            "status": outcome.status_code,
            "error": outcome.error,
            "ms": outcome.duration_ms,
        }
        delivery.history = [*delivery.history, entry][-HISTORY:]
        if outcome.error:
            _note_failure(delivery, outcome)
        else:
            _finish(delivery, State.DELIVERED)
            _note_success(delivery.endpoint_id)
        delivery.save()
    tell_of_delivery(endpoint_id=outgoing.endpoint_id, delivery_id=outgoing.delivery_id, state=delivery.state)


def _finish(delivery: WebhookDelivery, state: str, error: str = "") -> None:
    delivery.state, delivery.error = state, error
    delivery.leased_until, delivery.next_try_at, delivery.finished_at = None, None, clock.now()
    cancel_timer(TIMER, delivery.pk)


def _note_success(endpoint_id: int) -> None:
    # Not written for every delivery: the row is shared by all of them, and the page shows minutes.
    now = clock.now()
    stale = Q(failures__gt=0) | Q(last_success_at__isnull=True) | Q(last_success_at__lt=now - timedelta(minutes=1))
    WebhookEndpoint.objects.filter(stale, pk=endpoint_id).update(
        failures=0, failing_since=None, paused_until=None, last_success_at=now
    )


def _note_failure(delivery: WebhookDelivery, outcome: Outcome) -> None:
    now = clock.now()
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=delivery.endpoint_id)
    # A test says how things are; only events wear out an endpoint, and only they are tried again.
    if delivery.event_id is None:
        _finish(delivery, State.FAILED, error=outcome.error)
        return
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    if endpoint.failures >= PAUSE_AFTER:
        doubled = FIRST_PAUSE * 2 ** min(endpoint.failures - PAUSE_AFTER, 10)
        endpoint.paused_until = now + min(doubled, LONGEST_PAUSE)
    if outcome.retry_after is not None:
        endpoint.paused_until = max(now + outcome.retry_after, endpoint.paused_until or now)
    if outcome.status_code == GONE:
        _switch_off(endpoint, "gone")
    elif endpoint.failures >= FAILURES_BEFORE_OFF and now - endpoint.failing_since >= FAILING_FOR:
        _switch_off(endpoint, "failing")
    endpoint.save()
    if delivery.tries >= MAX_TRIES or not endpoint.active:
        _finish(delivery, State.FAILED, error=outcome.error)
        return
    pause = max(BACK_OFF[delivery.tries - 1], outcome.retry_after or timedelta())
    delivery.error, delivery.next_try_at = outcome.error, now + pause
    set_timer(TIMER, delivery.pk, delivery.next_try_at)


def _switch_off(endpoint: WebhookEndpoint, reason: str) -> None:
    if not endpoint.active:
        return
    disable_endpoint(endpoint=endpoint, reason=reason)
    notify(
        member_ids=active_members_with_permission("webhook.manage"),
        kind="webhook.disabled",
        params={"host": urlsplit(endpoint.url).hostname or "", "reason": reason},
        record=("webhook", endpoint.pk),
    )
