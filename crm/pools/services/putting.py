"""Lays records into a pool: returned by their owner, put there by a manager, or recycled by a rule."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from crm.leads.selectors import OPEN_STATES
from crm.pools import events
from crm.pools.models import Pool, PoolEntry, PoolMove, RecycleRule
from crm.pools.selectors.access import access_pool, manages
from crm.pools.selectors.kinds import has_open_deal
from crm.pools.services.common import Tally, forget, release, tell_pool, write_move
from crm.pools.types import Batch
from crm.records.registry import access_record
from guanxi.access import Actor, require
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, PermissionDenied, Problem


def put_records(*, actor: Actor, pool_id: int, record_ids: Iterable[int], reason: str) -> Batch:
    """Give one's own records up to a pool, or put others' there as its manager; state and history stay.

    Raises the first refusal when none could be put. What is on its way to a deal needs somebody who answers for it.
    """
    require(actor, "pool.return")
    pool = access_pool(actor, pool_id)
    if not reason.strip():
        raise Invalid("reason_missing", "This step needs a reason. Nothing was changed.", fields={"reason": "missing"})
    tally = Tally()
    for record_id in dict.fromkeys(record_ids):
        try:
            with transaction.atomic():
                _put(actor, pool, record_id, reason.strip())
            tally.done.append(record_id)
        except Problem as refusal:
            tally.refuse(record_id, refusal)
    return tally.batch()


def _put(actor: Actor, pool: Pool, record_id: int, reason: str) -> None:
    record = access_record(actor, pool.kind, record_id)
    own = actor.member_id is not None and record.owner_id == actor.member_id
    if not own and not manages(actor, pool):
        raise PermissionDenied("pool.manage")
    if pool.kind == "lead" and record.state not in OPEN_STATES:
        raise Conflict("pool_lead_closed", "Only an open lead can lie in a pool.", params={"state": record.state})
    if has_open_deal(pool.kind, record_id):
        raise Conflict("pool_open_deals", "The customer has deals on their way.")
    action = PoolMove.Action.RETURNED if own else PoolMove.Action.PUT
    lay_down(actor=actor, pool=pool, record_id=record_id, owner_id=record.owner_id, action=action, reason=reason)


def lay_down(
    *,
    actor: Actor,
    pool: Pool,
    record_id: int,
    owner_id: int | None,
    action: str,
    reason: str = "",
    rule: RecycleRule | None = None,
    before: Mapping[str, Any] | None = None,
) -> PoolEntry:
    """Take a record from its owner and lay it into a pool, inside the caller's transaction.

    Raises Conflict when the record is no longer this owner's, or lies in a pool already.
    """
    if release(pool.kind, actor=actor, record_id=record_id, owner_id=owner_id) is None:
        raise Conflict("record_changed_hands", "The record has another owner by now. Nothing was changed.")
    if PoolEntry.objects.filter(kind=pool.kind, record_id=record_id).exists():
        raise Conflict("in_pool_already", "The record lies in a pool already.")
    forget(pool.kind, record_id)
    now = clock.now()
    entry = PoolEntry.objects.create(
        pool=pool,
        kind=pool.kind,
        record_id=record_id,
        since=now,
        claimable_at=now + timedelta(hours=pool.delay_hours),
        previous_owner_id=owner_id,
        reason=reason,
    )
    write_move(
        actor,
        pool=pool,
        kind=pool.kind,
        record_id=record_id,
        action=action,
        from_owner_id=owner_id,
        reason=reason,
        rule=rule,
        before=before,
        after={"pool_id": pool.pk},
    )
    tell_pool(actor, pool, events.ENTRY_ADDED, owner_id, entry_id=entry.pk, record_id=record_id)
    return entry
