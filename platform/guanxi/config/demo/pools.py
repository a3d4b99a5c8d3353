"""The demo's public pools: what lies in them, a rule that has been live for two months, one that was only rehearsed."""

from datetime import datetime, timedelta

from django.db import transaction

from crm.activities.services import log_activity
from crm.customers.services import create_customer
from crm.leads.services import create_lead
from crm.pools.models import Holding, Pool, PoolEntry, RecycleRule
from crm.pools.services import (
    activate_rule,
    claim_entries,
    create_pool,
    draft_rule,
    lock_record,
    plan_kind,
    put_records,
    rehearse_rule,
    take_step,
)
from crm.pools.types import Terms
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Problem
from guanxi.config.demo import words
from guanxi.config.demo.company import Company
from guanxi.config.demo.dice import Dice
from guanxi.config.demo.quiet import quiet
from guanxi.jobs.models import Job
from guanxi.jobs.tasks import run_job

LIVE_FOR, QUIET_DAYS, STRICTER_DAYS = 60, 120, 75
LEAD_REASONS = ["联系不上", "需求不匹配", "预算不足", "暂无计划", "区域不归我管"]
CUSTOMER_REASONS = ["长期无采购", "对接人离职", "转由他人跟进", "暂无合作意向"]
# How long before today the quiet customers of each rep were last visited: these go back in 1, 3 and 6 days.
LAST_VISITS = (QUIET_DAYS - 1, QUIET_DAYS - 3, QUIET_DAYS - 6)


@transaction.atomic
def fill_pools(company: Company, dice: Dice) -> None:
    """Tell the pools' two months, day by day, through the services."""
    owner, manager = company.people["owner"], company.people["manager"]
    reps = [actor for part, actor in company.people.items() if part.startswith("rep")]
    with quiet():
        with clock.at(clock.now() - timedelta(days=LIVE_FOR + 30)):
            leads, customers = _pools(owner, manager)
        _quiet_customers(reps, dice)
        _live(owner, customers, manager, reps, dice)
        _given_up(customers, reps, dice)
        _leads(company.people["admin"], leads, reps, dice)
        _drafts(owner, leads, customers)
    _warn_of_tomorrow()


def _pools(owner: Actor, manager: Actor) -> tuple[Pool, Pool]:
    shared = {"manager_ids": [manager.member_id], "daily_quota": 8, "cooldown_days": 7, "protection_days": 15}
    leads = create_pool(
        actor=owner,
        kind="lead",
        values={
            **shared,
            "name": "线索公海",
            "view_limit": 40,
            "masked_fields": ["phone", "email", "wechat"],
            "return_reasons": LEAD_REASONS,
        },
    )
    customers = create_pool(
        actor=owner,
        kind="customer",
        values={
            **shared,
            "name": "客户公海",
            "position": 1,
            "held_limit": 200,
            "masked_fields": ["phone", "email", "address"],
            "return_reasons": CUSTOMER_REASONS,
        },
    )
    return leads, customers


def _quiet_customers(reps: list[Actor], dice: Dice) -> None:
    """Customers that were visited once and then forgotten: the rule is about to take them."""
    for rep in reps:
        for days in LAST_VISITS:
            name, industry, _, province, city = dice.company()
            begun = clock.now() - timedelta(days=days + 40)
            values = {
                "name": name,
                "industry": industry,
                "province": province,
                "city": city,
                "phone": dice.phone(),
                "source": dice.weighted(words.SOURCES),
                "level": "C",
            }
            with clock.at(begun):
                customer = create_customer(actor=rep, values=values)
            with clock.at(clock.now() - timedelta(days=days, hours=4)):
                about = ("customer", customer.pk)
                log_activity(actor=rep, kind="visit", record=about, body=dice.pick(words.VISITS))


def _given_up(pool: Pool, reps: list[Actor], dice: Dice) -> None:
    """Customers that their reps returned in the last weeks."""
    for number in range(9):
        rep = reps[number % len(reps)]
        name, industry, _, province, city = dice.company()
        begun = clock.now() - timedelta(days=dice.between(5, 40))
        values = {"name": name, "industry": industry, "province": province, "city": city, "phone": dice.phone()}
        with clock.at(begun):
            customer = create_customer(actor=rep, values={**values, "source": dice.weighted(words.SOURCES)})
        with clock.at(begun + timedelta(days=dice.between(1, 4))):
            reason = dice.pick(CUSTOMER_REASONS)
            put_records(actor=rep, pool_id=pool.pk, record_ids=[customer.pk], reason=reason)


def _rehearse(owner: Actor, rule: RecycleRule) -> None:
    run_job(rehearse_rule(actor=owner, rule_id=rule.pk).pk)


def _live(owner: Actor, pool: Pool, manager: Actor, reps: list[Actor], dice: Dice) -> None:
    """Switch the customers' rule on two months ago, and let each night since then go by."""
    begun = clock.now() - timedelta(days=LIVE_FOR)
    with clock.at(begun):
        terms = Terms(no_follow_up_days=QUIET_DAYS)
        rule = draft_rule(actor=owner, pool_id=pool.pk, terms=terms, note="四个月没人跟进的客户回公海")
        _rehearse(owner, rule)
        activate_rule(actor=owner, rule_id=rule.pk)
        for job in Job.objects.filter(kind="pools.plan", state=Job.State.QUEUED):
            run_job(job.pk)
    kept = Holding.objects.filter(kind="customer", due_at__isnull=False).order_by("record_id").first()
    if kept is not None:
        with clock.at(begun + timedelta(days=1)):
            lock_record(actor=manager, kind="customer", record_id=kept.record_id, reason="战略客户，总部在谈")
    for day in range(1, LIVE_FOR + 1):
        _night(begun + timedelta(days=day), pool, reps, dice)


def _night(moment: datetime, pool: Pool, reps: list[Actor], dice: Dice) -> None:
    with clock.at(moment):
        plan_kind("customer")
        for holding_id in Holding.objects.filter(due_at__isnull=False).order_by("pk").values_list("pk", flat=True):
            take_step(holding_id=holding_id)
        if dice.chance(0.2) and (entry := PoolEntry.objects.filter(pool=pool).order_by("pk").first()):
            _claim(dice.pick(reps), entry)


def _claim(rep: Actor, entry: PoolEntry) -> None:
    try:
        claim_entries(actor=rep, pool_id=entry.pool_id, entry_ids=[entry.pk])
    except Problem:
        # Its last owner has to wait: somebody else will come.
        return


def _leads(admin: Actor, pool: Pool, reps: list[Actor], dice: Dice) -> None:
    """A fair's list that was nobody's, and what reps gave up."""
    for number in range(26):
        who = admin if number % 3 else dice.pick(reps)
        name, _, _, _, city = dice.company()
        begun = clock.now() - timedelta(days=dice.between(2, 25), hours=dice.between(0, 8))
        values = {
            "name": dice.person(),
            "company": name,
            "phone": dice.phone(),
            "city": city,
            "need": dice.fill(dice.pick(words.NEEDS)),
            "source": "exhibition" if who is admin else dice.weighted(words.SOURCES),
        }
        with clock.at(begun):
            lead = create_lead(actor=Actor.system("a fair's list") if who is admin else who, values=values)
        with clock.at(begun + timedelta(hours=dice.between(1, 40))):
            reason = "秋季茶博会名单，谁有空谁跟" if who is admin else dice.pick(LEAD_REASONS)
            put_records(actor=who, pool_id=pool.pk, record_ids=[lead.pk], reason=reason)
    for entry in PoolEntry.objects.filter(pool=pool).order_by("since")[:5]:
        with clock.at(entry.since + timedelta(hours=20)):
            _claim(dice.pick(reps), entry)


def _drafts(owner: Actor, leads: Pool, customers: Pool) -> None:
    with clock.at(clock.now() - timedelta(hours=20)):
        stricter = Terms(no_follow_up_days=STRICTER_DAYS)
        _rehearse(owner, draft_rule(actor=owner, pool_id=customers.pk, terms=stricter, note="收紧到两个半月试试"))
        first = Terms(no_follow_up_days=14)
        _rehearse(owner, draft_rule(actor=owner, pool_id=leads.pk, terms=first, note="两周没跟进的线索放出来"))


def _warn_of_tomorrow() -> None:
    """Let the bell ring for what goes back tomorrow."""
    plan_kind("customer")
    for holding_id in Holding.objects.filter(due_at__isnull=False).order_by("pk").values_list("pk", flat=True):
        take_step(holding_id=holding_id)
