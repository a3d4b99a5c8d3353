"""Takes records out of a pool: claimed by a member, or assigned by the pool's manager."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from crm.pools import events
from crm.pools.models import Pool, PoolEntry, PoolMove
from crm.pools.selectors.access import access_pool, manages
from crm.pools.selectors.kinds import held_by
from crm.pools.selectors.reading import access_entry, entries_of, why_not
from crm.pools.services.common import (
    Tally,
    lock_held,
    lock_quota,
    member_of,
    protect,
    take,
    tell_pool,
    write_move,
)
from crm.pools.types import Batch
from guanxi.access import Actor, require
from guanxi.common.errors import Conflict, Problem
from guanxi.notifications.services import notify
from tenants.members.selectors import require_active_member


def claim_entries(*, actor: Actor, pool_id: int, entry_ids: Iterable[int]) -> Batch:
    """Take records from a pool, each in a transaction of its own, so that what somebody else got does not spoil the
    rest; raise the first refusal when none could be taken.
    """
    require(actor, "pool.claim")
    pool, member_id = access_pool(actor, pool_id), member_of(actor)
    tally = Tally()
    for entry_id in dict.fromkeys(entry_ids):
        try:
            tally.done.append(_claim(actor, member_id, pool, entry_id))
        except Problem as refusal:
            tally.refuse(entry_id, refusal)
    return tally.batch()


@transaction.atomic
def _claim(actor: Actor, member_id: int, pool: Pool, entry_id: int) -> int:
    # Rows are locked in one order everywhere: the quota, the record, what lies in the pool.
    quota = lock_quota(actor, pool)
    if pool.daily_quota is not None and quota.claimed >= pool.daily_quota:
        raise Conflict("pool_quota_used", "Today's quota of this pool is used up.", params={"limit": pool.daily_quota})
    entry = _lying(pool, entry_id)
    blocked = why_not(actor, pool, entry)
    if blocked == "cooling_down":
        raise Conflict("pool_cooling_down", "Its last owner has to wait.", params={"days": pool.cooldown_days})
    if blocked:
        raise Conflict("pool_too_new", "It has only just come.", params={"at": entry.claimable_at.isoformat()})
    if pool.held_limit is not None:
        lock_held(member_id, pool.kind)
        if held_by(pool.kind, member_id) >= pool.held_limit:
            raise Conflict("pool_held_limit", "The member holds enough.", params={"limit": pool.held_limit})
    record_id = _take_out(actor, pool, entry, member_id, PoolMove.Action.CLAIMED)
    quota.claimed += 1
    quota.save(update_fields=["claimed"])
    return record_id


def _lying(pool: Pool, entry_id: int) -> PoolEntry:
    entry = entries_of(pool).filter(pk=entry_id).first()
    if entry is None:
        raise Conflict("entry_gone", "It no longer lies in this pool.", params={"entry_id": entry_id})
    return entry


def _take_out(actor: Actor, pool: Pool, entry: PoolEntry, owner_id: int, action: str, reason: str = "") -> int:
    record = take(pool.kind, actor=actor, record_id=entry.record_id, owner_id=owner_id)
    if record is None:
        raise Conflict("entry_gone", "Somebody else was quicker.", params={"entry_id": entry.pk})
    PoolEntry.objects.filter(pk=entry.pk).delete()
    protect(pool.kind, entry.record_id, owner_id, pool.protection_days)
    write_move(
        actor,
        pool=pool,
        kind=pool.kind,
        record_id=entry.record_id,
        action=action,
        to_owner_id=owner_id,
        reason=reason,
        before={"since": entry.since.isoformat(), "previous_owner_id": entry.previous_owner_id},
    )
    tell_pool(actor, pool, events.ENTRY_TAKEN, entry_id=entry.pk, record_id=entry.record_id)
    return entry.record_id


def assign_entries(*, actor: Actor, pool_id: int, entry_ids: Iterable[int], owner_id: int) -> Batch:
    """Give records of a pool that one manages to a member; quotas are for those who help themselves."""
    require(actor, "pool.manage")
    pool = access_pool(actor, pool_id, manage=True)
    require_active_member(owner_id)
    tally = Tally()
    for entry_id in dict.fromkeys(entry_ids):
        try:
            with transaction.atomic():
                entry = _lying(pool, entry_id)
                tally.done.append(_take_out(actor, pool, entry, owner_id, PoolMove.Action.ASSIGNED))
        except Problem as refusal:
            tally.refuse(entry_id, refusal)
    batch = tally.batch()
    if batch.done and owner_id != actor.member_id:
        _tell_owner(actor, pool, owner_id, batch.done)
    return batch


def _tell_owner(actor: Actor, pool: Pool, owner_id: int, record_ids: tuple[int, ...]) -> None:
    params: dict[str, Any] = {"pool": pool.name, "count": len(record_ids), "by": actor.name}
    about = (pool.kind, record_ids[0]) if len(record_ids) == 1 else ("pool", pool.pk)
    notify(member_ids=[owner_id], kind="pool_assigned", params=params, record=about)


def give_back(*, actor: Actor, move: PoolMove, entry: PoolEntry, pool: Pool) -> bool:
    """Return a recycled record to whom it was taken from, when nobody has it; return whether it went."""
    with transaction.atomic():
        try:
            _take_out(actor, pool, entry, move.from_owner_id or 0, PoolMove.Action.GIVEN_BACK)
        except Conflict:
            return False
    return True


@transaction.atomic
def view_entry(*, actor: Actor, pool_id: int, entry_id: int) -> PoolEntry:
    """Look at a record in a pool; each counts once a day towards the pool's limit, which does not bind its managers."""
    require(actor, "pool.read")
    pool = access_pool(actor, pool_id)
    entry = access_entry(actor, pool, entry_id)
    if pool.view_limit is not None and actor.member_id is not None and not manages(actor, pool):
        quota = lock_quota(actor, pool)
        if entry.pk not in quota.viewed_ids:
            if len(quota.viewed_ids) >= pool.view_limit:
                raise Conflict("pool_view_limit", "Enough was looked at today.", params={"limit": pool.view_limit})
            quota.viewed_ids = [*quota.viewed_ids, entry.pk]
            quota.save(update_fields=["viewed_ids"])
    return entry
