"""Reads pools: what lies in them, what is left to take, what is at risk, the rules and the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Q, QuerySet

from crm.pools.models import ClaimQuota, Holding, Pool, PoolEntry, PoolMove, RecycleRule
from crm.pools.selectors.access import access_pool, manages
from crm.pools.selectors.kinds import KINDS, ONLY_INSIDE, SHOWN, held_by, locked_ids, named_like, records_of
from crm.pools.selectors.masks import open_title, shown_values
from crm.pools.types import Room
from crm.records.registry import access_record, record_kind
from guanxi.access import Actor, require
from guanxi.common import clock
from guanxi.common.errors import NotFound
from tenants.members.selectors import member_names

COUNTED = 1000
AT_RISK_DAYS = 7


def entries_of(pool: Pool) -> QuerySet[PoolEntry]:
    """Return what lies in a pool and may be taken: records that are nobody's and not archived."""
    lying = records_of(pool.kind).filter(owner__isnull=True, archived_at__isnull=True)
    return PoolEntry.objects.filter(pool=pool, record_id__in=lying.values("pk"))


def counts_of(pools: Sequence[Pool]) -> dict[int, int]:
    """Return pool id → how many records lie in it, counted no further than a thousand and one."""
    return {pool.pk: len(entries_of(pool).values_list("pk", flat=True)[: COUNTED + 1]) for pool in pools}


def find_entries(actor: Actor, pool: Pool, filters: Mapping[str, Any]) -> QuerySet[PoolEntry]:
    """Return what lies in a pool and fits: q over names, city, source, level, mine (once one's own)."""
    rows = entries_of(pool)
    records = records_of(pool.kind)
    narrowed = False
    if text := str(filters.get("q") or "").strip():
        records, narrowed = records.filter(named_like(pool.kind, text)), True
    for name in ("city", "source", "level"):
        hidden = name in pool.hidden_fields or name in pool.masked_fields
        if (value := filters.get(name)) and not hidden and (name != "level" or pool.kind == "customer"):
            records, narrowed = records.filter(**{name: value}), True
    if narrowed:
        rows = rows.filter(record_id__in=records.values("pk"))
    if filters.get("mine"):
        rows = rows.filter(previous_owner_id=actor.member_id)
    return rows


def describe_entries(actor: Actor, pool: Pool, entries: Iterable[PoolEntry]) -> None:
    """Set what the list shows of each entry's record, masked as the pool says; one query for the page."""
    entries = list(entries)
    names = tuple(name for name in SHOWN[pool.kind] if name not in ONLY_INSIDE)
    records = records_of(pool.kind).in_bulk([entry.record_id for entry in entries])
    people = member_names(entry.previous_owner_id for entry in entries)
    for entry in entries:
        _describe(actor, pool, entry, records[entry.record_id], names)
        entry.previous_owner = people.get(entry.previous_owner_id or 0, "")  # type: ignore[attr-defined]


def _describe(actor: Actor, pool: Pool, entry: PoolEntry, record: Any, names: tuple[str, ...]) -> None:
    entry.title = open_title(pool, record)  # type: ignore[attr-defined]
    entry.values = shown_values(pool, record, names, actor)  # type: ignore[attr-defined]
    entry.last_activity_at = record.last_activity_at  # type: ignore[attr-defined]
    entry.blocked = why_not(actor, pool, entry)  # type: ignore[attr-defined]


def why_not(actor: Actor, pool: Pool, entry: PoolEntry) -> str:
    """Return why the actor may not take an entry now: `cooling_down`, `too_new`, or nothing."""
    now = clock.now()
    if entry.claimable_at > now:
        return "too_new"
    was_mine = actor.member_id is not None and entry.previous_owner_id == actor.member_id
    if was_mine and entry.since + timedelta(days=pool.cooldown_days) > now:
        return "cooling_down"
    return ""


def access_entry(actor: Actor, pool: Pool, entry_id: int) -> PoolEntry:
    """Return an entry of a pool that the actor may look into, with all that the pool shows of its record."""
    entry = entries_of(pool).filter(pk=entry_id).first()
    if entry is None:
        raise NotFound("entry", entry_id)
    record = records_of(pool.kind).get(pk=entry.record_id)
    _describe(actor, pool, entry, record, SHOWN[pool.kind])
    entry.previous_owner = member_names([entry.previous_owner_id]).get(entry.previous_owner_id or 0, "")  # type: ignore[attr-defined]
    return entry


def room_of(actor: Actor, pool: Pool) -> Room:
    """Return how much the actor may still take from a pool and look at in it today."""
    quota = ClaimQuota.objects.filter(
        pool=pool, member_id=actor.member_id or 0, day=clock.today(actor.timezone)
    ).first()
    claimed, viewed = (quota.claimed, len(quota.viewed_ids)) if quota else (0, 0)
    held = held_by(pool.kind, actor.member_id) if pool.held_limit is not None and actor.member_id else 0
    return Room(
        claims_left=None if pool.daily_quota is None else max(0, pool.daily_quota - claimed),
        held=held,
        held_limit=pool.held_limit,
        views_left=None if pool.view_limit is None else max(0, pool.view_limit - viewed),
    )


def find_holdings(actor: Actor, *, state: str = "at_risk", everyones: bool = False) -> QuerySet[Holding]:
    """Return what is soon due to go back, or is protected or locked: one's own, or all that one may see."""
    rows = Holding.objects.filter(owner_id__isnull=False)
    if not everyones:
        rows = rows.filter(owner_id=actor.member_id)
    now = clock.now()
    if state == "at_risk":
        rows = rows.filter(due_at__isnull=False, due_at__lte=now + timedelta(days=AT_RISK_DAYS))
    else:
        locked = Q(locked_at__isnull=False) & (Q(locked_until__isnull=True) | Q(locked_until__gt=now))
        rows = rows.filter(locked | Q(protected_until__gt=now))
    visible = Q()
    for kind in KINDS:
        seen = record_kind(kind).visible(actor).filter(archived_at__isnull=True, owner__isnull=False)
        visible |= Q(kind=kind, record_id__in=seen.order_by().values("pk"))
    return rows.filter(visible)


def describe_holdings(actor: Actor, holdings: Iterable[Holding]) -> None:
    """Set title, owner's name and whether it is locked of each holding; a query a kind."""
    holdings = list(holdings)
    people = member_names(holding.owner_id for holding in holdings)
    for kind in KINDS:
        about = [holding for holding in holdings if holding.kind == kind]
        if not about:
            continue
        known = record_kind(kind)
        records = known.visible(actor).in_bulk([holding.record_id for holding in about])
        locked = locked_ids(kind, records)
        for holding in about:
            record = records.get(holding.record_id)
            holding.title = known.title(record) if record else ""  # type: ignore[attr-defined]
            holding.locked = holding.record_id in locked  # type: ignore[attr-defined]
            holding.last_activity_at = record.last_activity_at if record else None  # type: ignore[attr-defined]
    for holding in holdings:
        holding.owner_name = people.get(holding.owner_id or 0, "")  # type: ignore[attr-defined]


def ledger(actor: Actor, pool: Pool, filters: Mapping[str, Any]) -> QuerySet[PoolMove]:
    """Return the moves of a pool; who does not manage it sees those that concern oneself."""
    rows = PoolMove.objects.filter(pool_id=pool.pk)
    if not manages(actor, pool):
        me = actor.member_id
        rows = rows.filter(Q(actor_id=me) | Q(from_owner_id=me) | Q(to_owner_id=me))
    if action := filters.get("action"):
        rows = rows.filter(action=action)
    return rows


def describe_moves(actor: Actor, moves: Iterable[PoolMove]) -> None:
    """Set the record's title, where the actor may see the record, and the names of who took part."""
    moves = list(moves)
    people = member_names([pk for move in moves for pk in (move.actor_id, move.from_owner_id, move.to_owner_id)])
    titles = visible_titles(actor, {(move.kind, move.record_id) for move in moves})
    for move in moves:
        move.title = titles.get((move.kind, move.record_id), "")  # type: ignore[attr-defined]
        for name in ("actor", "from_owner", "to_owner"):
            setattr(move, f"{name}_name", people.get(getattr(move, f"{name}_id") or 0, ""))


def visible_titles(actor: Actor, records: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Return the names of those records that the actor may see, or that lie in a pool under their open name."""
    records = set(records)
    found: dict[tuple[str, int], str] = {}
    for kind in {kind for kind, _ in records}:
        ids = [pk for each, pk in records if each == kind]
        known = record_kind(kind)
        found |= {(kind, pk): known.title(record) for pk, record in known.visible(actor).in_bulk(ids).items()}
    return found


def rules_of(actor: Actor, pool_id: int) -> QuerySet[RecycleRule]:
    """Return the versions of a pool's rule, newest first."""
    pool = access_pool(actor, pool_id, manage=True)
    return RecycleRule.objects.filter(pool=pool).order_by("-number")


def live_rules(kind: str = "") -> list[RecycleRule]:
    """Return the rules that are live, in the order of their pools: the first that fits a record is its rule."""
    rows = RecycleRule.objects.filter(state=RecycleRule.State.LIVE, pool__archived_at__isnull=True)
    rows = rows.filter(pool__kind=kind) if kind else rows
    return list(rows.select_related("pool").order_by("pool__position", "pool_id"))


def access_rule(actor: Actor, rule_id: int, *, lock: bool = False) -> RecycleRule:
    """Return a rule of a pool that the actor manages; raise NotFound otherwise."""
    require(actor, "pool.manage")
    rows = RecycleRule.objects.select_related("pool")
    rows = rows.select_for_update(of=("self",)) if lock else rows
    rule = rows.filter(pk=rule_id).first()
    if rule is None or not manages(actor, rule.pool):
        raise NotFound("rule", rule_id)
    return rule


def next_number(pool: Pool) -> int:
    """Return the number of a pool's next rule."""
    return int(RecycleRule.objects.filter(pool=pool).aggregate(last=Max("number"))["last"] or 0) + 1


def holding_of(actor: Actor, kind: str, record_id: int) -> Holding | None:
    """Return what pools know of a record that the actor may see, None when there is nothing to know."""
    if kind not in KINDS:
        raise NotFound("record kind", kind)
    access_record(actor, kind, record_id)
    holding = Holding.objects.filter(kind=kind, record_id=record_id, owner_id__isnull=False).first()
    if holding is not None:
        describe_holdings(actor, [holding])
    return holding


def protected_until(kind: str, ids: Iterable[int]) -> dict[int, datetime | None]:
    """Return until when records stay with their owners, for those of which that is known."""
    rows = Holding.objects.filter(kind=kind, record_id__in=list(ids), protected_until__gt=clock.now())
    return dict(rows.values_list("record_id", "protected_until"))
