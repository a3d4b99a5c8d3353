"""Sets timers, and runs what is due.

A due row is leased in a short transaction and then handled in another one, which ends by removing the row. Were the
row locked while its handler runs, a person who closes a record (record first, timer second) and the handler (timer
first, record second) would deadlock. When the timer was moved or cancelled meanwhile, the removal finds nothing and
the handler's work is rolled back: its moment never came.
"""

import logging
import secrets
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models, transaction

from guanxi.common import clock
from guanxi.secrets import is_current, reseal
from guanxi.tenancy import current_tenant, find_tenant, public_scope, tenant_scope
from guanxi.timers.models import Due
from guanxi.timers.registry import handler_of

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=120)
MAX_ATTEMPTS = 8
BUDGET_SECONDS = 0.8

TAKE = """
UPDATE timers_due SET leased_until = %(lease)s
WHERE id IN (
    SELECT id FROM timers_due
    WHERE state = 'waiting' AND at <= %(now)s AND (leased_until IS NULL OR leased_until < %(now)s)
    ORDER BY at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id
"""

UPSERT = """
INSERT INTO timers_due
    (tenant_id, tenant_schema, kind, ref_id, at, payload, generation, state, attempts, leased_until, error, created_at)
VALUES (%(tenant_id)s, %(schema)s, %(kind)s, %(ref_id)s, %(at)s, '{}', 1, 'waiting', 0, NULL, '', %(now)s)
ON CONFLICT (tenant_schema, kind, ref_id) DO UPDATE
SET at = excluded.at, generation = timers_due.generation + 1, state = 'waiting', attempts = 0, leased_until = NULL,
    error = ''
"""


class _TakenBackError(Exception):
    """The timer was moved or cancelled while its handler ran."""


@dataclass
class _Run:
    """The timer whose handler runs now, and whether the handler itself set or cancelled it."""

    key: tuple[str, str, int]
    touched: bool = field(default=False)


_running: ContextVar[_Run | None] = ContextVar("guanxi_running_timer", default=None)


def _schema() -> str:
    tenant = current_tenant()
    return tenant.schema if tenant else "public"


def _note_touch(kind: str, ref_id: int) -> None:
    run = _running.get()
    if run is not None and run.key == (_schema(), kind, ref_id):
        run.touched = True


def set_timer(kind: str, ref_id: int, at: datetime) -> None:
    """Make `kind` due for `ref_id` of the current tenant at a moment, in the caller's transaction; an earlier setting
    is replaced.
    """
    _note_touch(kind, ref_id)
    tenant = current_tenant()
    with connection.cursor() as cursor:
        cursor.execute(
            UPSERT,
            {
                "tenant_id": tenant.id if tenant else None,
                "schema": _schema(),
                "kind": kind,
                "ref_id": ref_id,
                "at": at,
                "now": clock.now(),
            },
        )


def cancel_timer(kind: str, ref_id: int) -> bool:
    """Take a timer back; return whether there was one."""
    _note_touch(kind, ref_id)
    deleted, _ = Due.objects.filter(tenant_schema=_schema(), kind=kind, ref_id=ref_id).delete()
    return deleted > 0


def defer(kind: str, payload: dict[str, Any], *, at: datetime | None = None) -> int:
    """Keep a piece of work that has no row of its own until its moment; return the id that its handler gets.

    `payload` holds ids and sealed text, since the table is shared; the handler reads it with `payload_of`.
    """
    tenant = current_tenant()
    ref_id = secrets.randbits(62)
    Due.objects.create(
        tenant_id=tenant.id if tenant else None,
        tenant_schema=_schema(),
        kind=kind,
        ref_id=ref_id,
        at=at or clock.now(),
        payload=payload,
    )
    return ref_id


def payload_of(kind: str, ref_id: int) -> dict[str, Any] | None:
    """Return what `defer` kept, None when it is done or taken back."""
    payload: dict[str, Any] | None = (
        Due.objects.filter(tenant_schema=_schema(), kind=kind, ref_id=ref_id).values_list("payload", flat=True).first()
    )
    return payload


def take_deferred(kind: str, ref_id: int) -> dict[str, Any] | None:
    """Lock deferred work for the caller's transaction and return its payload; None when it is done or somebody else
    is at it.
    """
    due = (
        Due.objects.select_for_update(skip_locked=True)
        .filter(tenant_schema=_schema(), kind=kind, ref_id=ref_id)
        .first()
    )
    return due.payload if due is not None and due.state == Due.State.WAITING else None


def reseal_deferred(kind: str, name: str, *, field: str, row: str = "") -> int:
    """Bring a sealed value of a kind's deferred work under the current key, also of work that has failed for good.

    Return how many changed. Work that is being done just now is waited for.
    """
    changed = 0
    with transaction.atomic():
        waiting = Due.objects.select_for_update().filter(tenant_schema=_schema(), kind=kind).order_by("pk")
        for due in waiting.only("payload"):
            token = due.payload.get(name, "")
            if token and not is_current(token):
                fresh = {**due.payload, name: reseal(token, field=field, row=row)}
                changed += Due.objects.filter(pk=due.pk).update(payload=fresh)
    return changed


def retry_deferred(kind: str, ref_id: int, failure: str) -> bool:
    """Let deferred work that failed come again after a growing pause; return False when that was its last try."""
    due = Due.objects.filter(tenant_schema=_schema(), kind=kind, ref_id=ref_id).first()
    return due is not None and _postpone(due, failure)


def snooze_timer(kind: str, ref_id: int, at: datetime) -> None:
    """Move a timer without forgetting how often it was tried."""
    _note_touch(kind, ref_id)
    timers = Due.objects.filter(tenant_schema=_schema(), kind=kind, ref_id=ref_id)
    timers.update(at=at, generation=models.F("generation") + 1, leased_until=None)


def forget_tenant(schema: str) -> int:
    """Drop every timer of a tenant that is being deleted; return how many there were."""
    return Due.objects.filter(tenant_schema=schema).delete()[0]


def forget_past(schema: str, before: datetime) -> int:
    """Forget what would have come due in a schema before a moment: for work that tells of the past. Return how many."""
    return Due.objects.filter(tenant_schema=schema, at__lt=before).delete()[0]


def retry_dead(*, due_id: int) -> bool:
    """Let a dead timer be tried again at once; return whether it was dead."""
    fresh = {"state": Due.State.WAITING, "attempts": 0, "at": clock.now(), "leased_until": None}
    return Due.objects.filter(pk=due_id, state=Due.State.DEAD).update(**fresh) > 0


def run_due(limit: int = 100) -> int:
    """Handle what is due, oldest first; return how many timers were taken. The relay calls it each second.

    It stops early after a while, so that slow handlers do not hold up the relay; what is left comes with the next call.
    """
    deadline = time.monotonic() + BUDGET_SECONDS
    taken = 0
    with public_scope():
        for due_id in _take(limit):
            if taken and time.monotonic() > deadline:
                Due.objects.filter(pk=due_id).update(leased_until=None)
                continue
            taken += 1
            _run_one(due_id)
    return taken


def _take(limit: int) -> list[int]:
    now = clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE, {"now": now, "lease": now + LEASE, "limit": limit})
        ids = [row[0] for row in cursor.fetchall()]
    return list(Due.objects.filter(pk__in=ids).order_by("at", "id").values_list("pk", flat=True))


def _run_one(due_id: int) -> None:
    due = Due.objects.filter(pk=due_id, state=Due.State.WAITING).first()
    if due is None:
        return
    tenant = find_tenant(due.tenant_schema) if due.tenant_id is not None else None
    if tenant is None and due.tenant_id is not None:
        due.delete()  # The tenant is gone and with it everything that could be due.
        return
    try:
        with tenant_scope(tenant) if tenant else public_scope(), transaction.atomic():
            _handle(due)
    except _TakenBackError:
        Due.objects.filter(pk=due_id).update(leased_until=None)
    except Exception as fault:
        log.exception("timer %s for %s of %s failed", due.kind, due.ref_id, due.tenant_schema)
        _postpone(due, f"{type(fault).__name__}: {fault}")


def _handle(due: Due) -> None:
    handler = handler_of(due.kind)
    if handler is None:
        raise LookupError(f"no handler for the timer {due.kind!r}")
    run = _Run(key=(due.tenant_schema, due.kind, due.ref_id))
    token = _running.set(run)
    try:
        handler(due.ref_id)
    finally:
        _running.reset(token)
    if run.touched:
        return
    removed, _ = Due.objects.filter(pk=due.pk, generation=due.generation).delete()
    if not removed:
        raise _TakenBackError


def _postpone(due: Due, failure: str) -> bool:
    attempts = due.attempts + 1
    changes: dict[str, Any] = {"attempts": attempts, "error": failure[:2000], "leased_until": None}
    if attempts >= MAX_ATTEMPTS:
        changes["state"] = Due.State.DEAD
        log.error("timer %s for %s of %s is dead after %s tries", due.kind, due.ref_id, due.tenant_schema, attempts)
    else:
        changes["at"] = clock.now() + timedelta(seconds=min(5 * 2**due.attempts, 3600))
    # Somebody who set the timer anew meanwhile has the last word.
    Due.objects.filter(pk=due.pk, generation=due.generation).update(**changes)
    return "state" not in changes
