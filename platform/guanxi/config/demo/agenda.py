"""The demo's calendars, visits, second pipeline, and deals that stand still."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from crm.activities.services import check_in, complete_plan, log_activity, plan_activity
from crm.activities.types import Position
from crm.customers.selectors import visible_customers
from crm.deals.selectors import access_pipeline, find_deals, stages_of
from crm.deals.services import (
    create_competitor,
    create_deal,
    create_pipeline,
    move_deal,
    set_competitors,
    set_lines,
    update_stage,
)
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.config.demo import words
from guanxi.config.demo.company import Company
from guanxi.config.demo.dice import Dice
from guanxi.config.demo.quiet import quiet

# What stands in a week: day from Monday, hour, minutes, kind, subject.
WEEK = (
    (0, 9, 45, "meeting", "周例会：本周重点客户"),
    (1, 10, 90, "visit", "上门送样，确认规格"),
    (1, 15, 30, "call", "回访报价反馈"),
    (2, 14, 60, "meeting", "与采购沟通付款方式"),
    (3, 10, 120, "visit", "拜访门店，看陈列"),
    (4, 16, 30, "call", "确认下周发货"),
)
HANGZHOU = (Decimal("30.274085"), Decimal("120.155070"))
RIVALS = (("江南茶业", "价格低，交货快"), ("云山礼品", "包装设计好"), ("老字号茶庄", "品牌知名度高"))
PARTNER_STAGES: list[dict[str, Any]] = [
    {"name": "意向登记", "kind": "open", "probability": 20, "max_days": 14},
    {"name": "资质审核", "kind": "open", "probability": 40, "max_days": 10, "back_policy": "reason"},
    {"name": "试销", "kind": "open", "probability": 70, "max_days": 45, "required_fields": ["expected_close_on"]},
    {"name": "签约", "kind": "won", "probability": 100},
    {"name": "放弃", "kind": "lost"},
]
PRODUCTS = (("明前龙井礼盒 250g", 368), ("金骏眉罐装 150g", 298), ("定制手提袋", 6))


def arrange_agenda(company: Company, dice: Dice) -> None:
    """Write calendars, check-ins, the partners' pipeline and what hangs on deals."""
    reps = [actor for part, actor in company.people.items() if part.startswith("rep")]
    with transaction.atomic(), quiet():
        for actor in reps:
            _week(actor, dice, [other.member_id for other in reps if other is not actor and other.member_id])
        _partners(company.people["owner"], reps, dice)
        _depth(company.people["owner"], reps, dice)


def _week(actor: Actor, dice: Dice, colleagues: list[int]) -> None:
    now = clock.now()
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    customers = list(visible_customers(actor).filter(archived_at__isnull=True).order_by("-updated_at")[:8])
    if not customers:
        return
    for day, hour, minutes, kind, subject in WEEK:
        # The hours are those of Shanghai.
        at = monday + timedelta(days=day, hours=hour - 8, minutes=dice.pick([0, 0, 30]))
        customer_id = None if day == 0 else dice.pick(customers).pk
        _entry(
            actor, at, minutes, kind, subject, customer_id, [dice.pick(colleagues)] if day == 0 and colleagues else []
        )


def _entry(
    actor: Actor, at: datetime, minutes: int, kind: str, subject: str, customer_id: int | None, colleagues: list[int]
) -> None:
    record = ("customer", customer_id) if customer_id is not None else None
    now = clock.now()
    with clock.at(min(at, now) - timedelta(days=1)):
        plan = plan_activity(
            actor=actor,
            kind=kind,
            subject=subject,
            at=at,
            ends_at=at + timedelta(minutes=minutes),
            record=record,
            participants={"member_ids": colleagues},
            remind_minutes=[15],
        )
    if at + timedelta(minutes=minutes) >= now:
        return
    with clock.at(at + timedelta(minutes=5)):
        if kind == "visit":
            shift = Decimal(plan.pk % 40) / 1000
            here = Position(HANGZHOU[0] + shift, HANGZHOU[1] - shift, 25, "杭州市上城区")
            check_in(actor=actor, activity_id=plan.pk, position=here)
    with clock.at(at + timedelta(minutes=minutes)):
        complete_plan(actor=actor, activity_id=plan.pk, outcome="positive", summary="谈得不错，等对方内部确认。")


def _partners(owner: Actor, reps: list[Actor], dice: Dice) -> None:
    pipeline = create_pipeline(actor=owner, name="渠道伙伴", stages=PARTNER_STAGES)
    stages = [stage for stage in stages_of(pipeline) if stage.kind == "open"]
    update_stage(actor=owner, stage_id=stages[0].pk, changes={"next_stages": [stages[1].pk]})
    for number, name in enumerate(("苏州分销合作", "宁波商超入驻", "成都区域代理", "深圳企业福利平台")):
        begun = clock.now() - timedelta(days=4 + 9 * number)
        values = {"name": name, "amount": dice.amount(2.0), "expected_close_on": (begun + timedelta(days=70)).date()}
        with clock.at(begun):
            deal = create_deal(actor=dice.pick(reps), values=values, pipeline_id=pipeline.pk)
        for stage in stages[1 : 1 + number % len(stages)]:
            with clock.at(begun + timedelta(days=2)):
                move_deal(actor=owner, deal_id=deal.pk, stage_id=stage.pk)


def _depth(owner: Actor, reps: list[Actor], dice: Dice) -> None:
    """Lines and rivals on some open deals, and two deals that have stood still for too long."""
    rivals = [create_competitor(actor=owner, values={"name": name, "strengths": good}) for name, good in RIVALS]
    home = stages_of(access_pipeline(None))
    for actor in reps:
        for deal in find_deals(actor, {"status": "open", "owner_id": actor.member_id}).order_by("-amount")[:3]:
            lines = [
                {
                    "name": name,
                    "quantity": dice.between(20, 200),
                    "unit_price": Decimal(price),
                    "discount": dice.pick([0, 5, 10]),
                }
                for name, price in PRODUCTS[: dice.between(1, 3)]
            ]
            set_lines(actor=actor, deal_id=deal.pk, lines=lines, drive_amount=True)
            rival = dice.pick(rivals)
            set_competitors(
                actor=actor, deal_id=deal.pk, competitors=[{"competitor_id": rival.pk, "strengths": rival.strengths}]
            )
        begun = clock.now() - timedelta(days=(home[0].max_days or 14) + dice.between(3, 12))
        with clock.at(begun):
            deal = create_deal(actor=actor, values={"name": dice.pick(words.DEALS), "amount": dice.amount(1.2)})
            log_activity(actor=actor, kind="call", record=("deal", deal.pk), body="客户说再考虑考虑。")
