"""Brings records back by the live rules: reckons when each is due, warns, and recycles.

Once a night the records that are due within some days get a row and a timer; the timer looks again before it warns or
takes anything, so that a follow-up in the meantime counts.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from crm.pools.models import ClaimQuota, Holding, PoolMove, RecycleRule
from crm.pools.selectors.kinds import candidates, lives, locked_ids, records_of, title_of
from crm.pools.selectors.reading import live_rules
from crm.pools.services.common import HOLDING_DUE, tell_holding, write_move
from crm.pools.services.putting import lay_down
from crm.pools.types import GRACE, WARN_DAYS, Life, Terms, first_due
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Conflict
from guanxi.notifications.services import notify
from guanxi.timers.services import cancel_timer, set_timer
from tenants.members.selectors import visible_members

CHUNK = 500
# How far ahead due dates are written down: what the page shows as at risk, and a night more.
HORIZON = timedelta(days=8)
QUOTA_KEPT = timedelta(days=7)


def plan_all() -> int:
    """Reckon anew what is due within the next days, under all live rules; return how many records are."""
    ClaimQuota.objects.filter(day__lt=clock.today() - QUOTA_KEPT).delete()
    return sum(plan_kind(kind) for kind in sorted({rule.pool.kind for rule in live_rules()}))


def plan_kind(kind: str) -> int:
    """Reckon anew what is due of one kind of record."""
    rules, due = live_rules(kind), 0
    for rule in rules:
        for records in chunks(candidates(kind, Terms.from_json(rule.terms))):
            due += plan_records(kind, records, rules)
    return due


def chunks(rows: Any) -> Iterator[list[Any]]:
    """Yield rows by their ids, some hundred at a time."""
    last = 0
    while records := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield records
        last = records[-1].pk


@transaction.atomic
def plan_records(kind: str, records: Sequence[Any], rules: Sequence[RecycleRule]) -> int:
    """Write down which of these records are due soon, with a timer each; return how many are."""
    ids = [record.pk for record in records]
    holdings = {row.record_id: row for row in Holding.objects.filter(kind=kind, record_id__in=ids)}
    known, locked = lives(kind, records), locked_ids(kind, ids)
    due = 0
    for record in records:
        rule, moment = (None, None) if record.pk in locked else due_of(record, rules, known[record.pk])
        due += _keep(kind, record, holdings.get(record.pk), rule, moment)
    return due


def due_of(record: Any, rules: Sequence[RecycleRule], life: Life) -> tuple[RecycleRule | None, datetime | None]:
    """Return the first rule that is about a record, and when it is due under it; None when that is far away."""
    for rule in rules:
        terms = Terms.from_json(rule.terms)
        if not _is_about(terms, record) or rule.activated_at is None:
            continue
        # A new rule takes nothing before its owner was warned.
        moment = first_due(terms, life, begin=rule.activated_at + GRACE, end=clock.now() + HORIZON, only_last=True)
        return rule, moment
    return None, None


def _is_about(terms: Terms, record: Any) -> bool:
    of_source = not terms.sources or record.source in terms.sources
    return of_source and (not terms.levels or getattr(record, "level", None) in (None, *terms.levels))


def _keep(kind: str, record: Any, holding: Holding | None, rule: RecycleRule | None, moment: datetime | None) -> bool:
    stored = holding.due_at if holding else None
    if rule is None or moment is None:
        if holding is not None and stored is not None:
            _set_due(holding, None, None)
        return False
    if holding is not None and stored is not None and moment <= stored and holding.rule_id == rule.pk:
        return True
    # Whoever owns it hears of it first, also when nobody looked for a while.
    moment = max(moment, clock.now() + GRACE)
    if holding is None:
        holding = Holding(kind=kind, record_id=record.pk)
    holding.owner_id = record.owner_id
    _set_due(holding, moment, rule)
    return True


def _set_due(holding: Holding, due_at: datetime | None, rule: RecycleRule | None) -> None:
    holding.due_at, holding.rule, holding.warned_days = due_at, rule, None
    holding.save()
    _set_step(holding)
    tell_holding(holding)


def _set_step(holding: Holding) -> None:
    """Set the timer to the next warning, or to the day itself."""
    if holding.due_at is None:
        cancel_timer(HOLDING_DUE, holding.pk)
        return
    ahead = [days for days in WARN_DAYS if holding.warned_days is None or days < holding.warned_days]
    moment = holding.due_at - timedelta(days=ahead[0]) if ahead else holding.due_at
    set_timer(HOLDING_DUE, holding.pk, max(moment, clock.now()))


@transaction.atomic
def look_again(*, kind: str, record_id: int) -> None:
    """Reckon anew for one record that somebody followed up on."""
    if not Holding.objects.filter(kind=kind, record_id=record_id, due_at__isnull=False).exists():
        return
    rules = live_rules(kind)
    plan_records(kind, list(records_of(kind).filter(pk=record_id, owner__isnull=False)), rules)


@transaction.atomic
def take_step(*, holding_id: int) -> None:
    """Warn of a record that is due soon, or recycle one that is due now; nothing when it is due no more."""
    holding = Holding.objects.filter(pk=holding_id, due_at__isnull=False).first()
    if holding is None:
        return
    rows = records_of(holding.kind).filter(pk=holding.record_id, owner_id=holding.owner_id, archived_at__isnull=True)
    record = rows.first()
    if record is None:
        _set_due(holding, None, None)
        return
    plan_records(holding.kind, [record], live_rules(holding.kind))
    holding.refresh_from_db()
    if holding.due_at is None or holding.rule_id is None:
        return
    now = clock.now()
    if holding.due_at <= now and holding.warned_days is not None:
        _recycle(holding, record)
        return
    days = next((days for days in reversed(WARN_DAYS) if holding.due_at <= now + timedelta(days=days)), None)
    if days is not None and (holding.warned_days is None or days < holding.warned_days):
        _warn(holding, record, days)
    _set_step(holding)


def _rule_of(holding: Holding) -> RecycleRule:
    return RecycleRule.objects.select_related("pool").get(pk=holding.rule_id or 0)


def _people(owner_id: int | None) -> tuple[str, list[int]]:
    """Return the owner's name, and whom a warning goes to: the owner and the owner's manager."""
    owner = visible_members(Actor.system("whom to warn")).filter(pk=owner_id or 0).first()
    if owner is None:
        return "", []
    return owner.name, [owner.pk] if owner.manager_id is None else [owner.pk, owner.manager_id]


def _warn(holding: Holding, record: Any, days: int) -> None:
    rule, (owner, people) = _rule_of(holding), _people(holding.owner_id)
    holding.warned_days = days
    holding.save(update_fields=["warned_days"])
    due = holding.due_at.isoformat() if holding.due_at else ""
    notify(
        member_ids=people,
        kind="pool_warning",
        params={
            "name": title_of(holding.kind, record),
            "owner": owner,
            "pool": rule.pool.name,
            "days": days,
            "due_at": due,
        },
        record=(holding.kind, holding.record_id),
        dedupe_key=f"pool_warning:{holding.kind}:{holding.record_id}:{due[:10]}:{days}",
    )
    write_move(
        Actor.system("a recycle rule"),
        pool=rule.pool,
        kind=holding.kind,
        record_id=holding.record_id,
        action=PoolMove.Action.WARNED,
        from_owner_id=holding.owner_id,
        to_owner_id=holding.owner_id,
        rule=rule,
        after={"due_at": due, "days": days},
    )
    tell_holding(holding)


def _recycle(holding: Holding, record: Any) -> None:
    rule, (owner, people) = _rule_of(holding), _people(holding.owner_id)
    owner_id, name = holding.owner_id, title_of(holding.kind, record)
    last = lives(holding.kind, [record])[record.pk].follow_ups
    tell_holding(holding)
    try:
        lay_down(
            actor=Actor.system("a recycle rule"),
            pool=rule.pool,
            record_id=record.pk,
            owner_id=owner_id,
            action=PoolMove.Action.RECYCLED,
            rule=rule,
            before={"last_follow_up": last[-1].isoformat() if last else None},
        )
    except Conflict:
        return
    notify(
        member_ids=people,
        kind="pool_recycled",
        params={"name": name, "owner": owner, "pool": rule.pool.name},
        record=("pool", rule.pool_id),
    )
