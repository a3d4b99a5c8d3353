"""Versions of a pool's recycle rule: drafted, rehearsed, switched on, rolled back."""

from typing import Any

from django.db import transaction

from crm.pools import events
from crm.pools.models import Holding, Pool, RecycleRule
from crm.pools.selectors.access import access_pool
from crm.pools.selectors.reading import access_rule, next_number
from crm.pools.services.common import tell_pool
from crm.pools.types import Terms
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid
from guanxi.jobs import Job
from guanxi.jobs.services import create_job

PLAN, REHEARSE, GIVE_BACK = "pools.plan", "pools.rehearse", "pools.give_back"
State = RecycleRule.State


@transaction.atomic
def draft_rule(*, actor: Actor, pool_id: int, terms: Terms, note: str = "") -> RecycleRule:
    """Write a new version of a pool's rule, which takes nothing before it is switched on."""
    require(actor, "pool.manage")
    pool = access_pool(actor, pool_id, manage=True, lock=True)
    if terms.no_follow_up_days is None and terms.no_deal_days is None:
        raise Invalid("rule_empty", "A rule needs a condition.", fields={"no_follow_up_days": "missing"})
    if pool.kind == "lead" and (terms.no_deal_days is not None or terms.levels):
        raise Invalid("rule_not_for_leads", "Leads have no deals and levels.", fields={"no_deal_days": "not_allowed"})
    now = clock.now()
    rule = RecycleRule.objects.create(
        pool=pool,
        number=next_number(pool),
        terms=terms.to_json(),
        note=note.strip(),
        created_by_id=actor.member_id,
        created_at=now,
        updated_at=now,
    )
    record_audit(actor=actor, action="draft", kind="recycle_rule", record_id=rule.pk)
    tell_pool(actor, pool, events.RULE_CHANGED, rule_id=rule.pk)
    return rule


@transaction.atomic
def rehearse_rule(*, actor: Actor, rule_id: int) -> Job:
    """Replay a version over the last 90 days, as a job."""
    rule = access_rule(actor, rule_id, lock=True)
    job = create_job(actor=actor, kind=REHEARSE, params={"rule_id": rule.pk})
    rule.rehearsal_job_id = job.pk
    rule.updated_at = clock.now()
    rule.save(update_fields=["rehearsal_job_id", "updated_at"])
    tell_pool(actor, rule.pool, events.RULE_CHANGED, rule_id=rule.pk)
    return job


@transaction.atomic
def activate_rule(*, actor: Actor, rule_id: int) -> RecycleRule:
    """Switch a rehearsed draft on; the version before is kept for rolling back. Nothing is taken before its owner has
    been warned.
    """
    rule = access_rule(actor, rule_id)
    pool = _locked(rule.pool_id)
    rule = access_rule(actor, rule_id, lock=True)
    if rule.state != State.DRAFT:
        raise Conflict("rule_not_draft", "Only a draft can be switched on.", params={"state": rule.state})
    if rule.rehearsed_at is None:
        raise Conflict("rule_not_rehearsed", "Rehearse the rule first.")
    before = RecycleRule.objects.filter(pool=pool, state=State.LIVE).first()
    if before is not None:
        _end(before, State.RETIRED)
    rule.previous = before
    _begin(rule)
    _record(actor, rule, "activate")
    return rule


@transaction.atomic
def roll_back_rule(*, actor: Actor, pool_id: int, return_records: bool = False) -> RecycleRule:
    """End the live version; the one before is live again. On request the records that it took go back to whom they
    were taken from, as a job, as far as nobody has taken them since. Return the version that was ended.
    """
    require(actor, "pool.manage")
    pool = access_pool(actor, pool_id, manage=True, lock=True)
    rule = RecycleRule.objects.filter(pool=pool, state=State.LIVE).select_related("previous").first()
    if rule is None:
        raise Conflict("no_live_rule", "No rule of this pool is live.")
    _end(rule, State.ROLLED_BACK)
    if rule.previous is not None:
        _begin(rule.previous)
    _record(actor, rule, "roll_back")
    if return_records:
        create_job(actor=actor, kind=GIVE_BACK, params={"rule_id": rule.pk})
    return rule


def _locked(pool_id: int) -> Pool:
    return Pool.objects.select_for_update().get(pk=pool_id)


def _begin(rule: RecycleRule) -> None:
    rule.state, rule.activated_at, rule.retired_at = State.LIVE, clock.now(), None
    rule.updated_at = clock.now()
    rule.save(update_fields=["state", "activated_at", "retired_at", "updated_at", "previous"])


def _end(rule: RecycleRule, state: State) -> None:
    rule.state, rule.retired_at, rule.updated_at = state, clock.now(), clock.now()
    rule.save(update_fields=["state", "retired_at", "updated_at"])
    # Timers that are still set find nothing due.
    Holding.objects.filter(rule=rule).update(due_at=None, warned_days=None, rule=None)


def _record(actor: Actor, rule: RecycleRule, action: str) -> None:
    changes: dict[str, tuple[Any, Any]] = {"state": (None, str(rule.state))}
    record_audit(actor=actor, action=action, kind="recycle_rule", record_id=rule.pk, changes=changes)
    tell_pool(actor, rule.pool, events.RULE_CHANGED, rule_id=rule.pk)
    create_job(actor=Actor.system("a recycle rule was switched"), kind=PLAN, params={"kind": rule.pool.kind})
