"""Finds what is due in the outbox and hands it to the workers.

One event of an aggregate at a time, oldest first; a lease keeps a taken event from being handed out twice while its
worker lives, and lets it come back when the worker was killed.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from guanxi.common import clock
from guanxi.tenancy import public_scope

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)

# Of each aggregate only its oldest waiting event may go; a dead event no longer holds back those behind it.
TAKE = """
UPDATE events_outboxevent SET leased_until = %(lease)s
WHERE id IN (
    SELECT e.id FROM events_outboxevent e
    WHERE e.state = 'pending' AND e.next_attempt_at <= %(now)s AND (e.leased_until IS NULL OR e.leased_until < %(now)s)
      AND NOT EXISTS (
        SELECT 1 FROM events_outboxevent o
        WHERE o.state = 'pending' AND o.tenant_schema = e.tenant_schema AND o.aggregate_kind = e.aggregate_kind
          AND o.aggregate_id = e.aggregate_id AND o.id < e.id)
    ORDER BY e.id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED)
RETURNING id
"""

_ticks: list[Callable[[], Any]] = []


def register_tick(tick: Callable[[], Any]) -> None:
    """Register work that the relay does each second, such as what is due by the clock."""
    if tick not in _ticks:
        _ticks.append(tick)


def take_batch(limit: int = 200) -> list[int]:
    """Lease up to `limit` events that may go now; return their ids, oldest first."""
    now = clock.now()
    with public_scope(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE, {"now": now, "lease": now + LEASE, "limit": limit})
        return sorted(row[0] for row in cursor.fetchall())


def run_ticks() -> None:
    """Run every registered tick; one that fails does not stop the others."""
    for tick in _ticks:
        try:
            with public_scope():
                tick()
        except Exception:
            log.exception("a tick of the relay failed: %s", getattr(tick, "__qualname__", tick))


def drain(hand_over: Callable[[int], Any], *, rounds: int = 1000) -> int:
    """Hand over all that is due, in rounds, until nothing is; return how many. Tests and the demo's filling use it
    without workers.
    """
    handed = 0
    for _ in range(rounds):
        batch = take_batch()
        if not batch:
            break
        for event_id in batch:
            hand_over(event_id)
            handed += 1
    return handed
