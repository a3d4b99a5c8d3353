"""Recycle rules: warned at D-3 and D-1, taken on the day, saved by a follow-up; replayed, switched on, rolled back."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from crm.activities.models import ActivityLink
from crm.activities.services import log_activity
from crm.customers.models import Customer
from crm.deals.models import Stage
from crm.deals.services import create_deal, move_deal
from crm.pools.models import Holding, PoolEntry, PoolMove, RecycleRule
from crm.pools.selectors import find_holdings, rehearsal_of
from crm.pools.services import (
    activate_rule,
    claim_entries,
    draft_rule,
    lock_record,
    plan_all,
    rehearse_rule,
    roll_back_rule,
    unlock_record,
)
from crm.pools.types import Terms
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound
from guanxi.notifications.models import Notification
from guanxi.timers.models import Due
from tests.crm.makers import go_by, settle
from tests.crm.pools.makers import customer_of, laid, lead_of, live_rule, pool_of, run, run_all
from tests.people import Team


def told(kind: str) -> list[tuple[int, Any]]:
    """Return who was told, with the days of a warning."""
    rows = Notification.objects.filter(kind=kind).order_by("pk")
    return [(row.member_id, row.params.get("days")) for row in rows]


def visited(team: Team, customer: Customer, at: datetime) -> None:
    """Let the rep visit a customer."""
    with clock.at(at):
        log_activity(actor=team["rep"], kind="visit", record=("customer", customer.pk), body="上门拜访")


def planned(customer: Customer, at: datetime) -> Holding:
    """Let a night go by; return what is known of a customer after it."""
    with clock.at(at):
        plan_all()
    return Holding.objects.get(kind="customer", record_id=customer.pk)


def test_warned_twice_then_recycled(team: Team) -> None:
    begin = clock.now()
    pool = pool_of(team["owner"])
    customer = customer_of(team["rep"])
    rule = live_rule(team["owner"], pool, no_follow_up_days=30)
    holding = planned(customer, begin + timedelta(days=24))
    assert holding.due_at is not None and abs(holding.due_at - begin - timedelta(days=30)) < timedelta(minutes=1)
    people = [team["rep"].member_id, team["manager"].member_id]
    go_by(holding.due_at - timedelta(days=4))
    assert told("pool_warning") == []
    go_by(holding.due_at - timedelta(days=3) + timedelta(minutes=1))
    assert told("pool_warning") == [(pk, 3) for pk in people]
    go_by(holding.due_at - timedelta(days=1) + timedelta(minutes=1))
    assert told("pool_warning")[2:] == [(pk, 1) for pk in people]
    with clock.at(holding.due_at - timedelta(days=1)):
        assert [row.record_id for row in find_holdings(team["rep"])] == [customer.pk]
        assert not find_holdings(team["rep2"], everyones=True).exists()
    go_by(holding.due_at + timedelta(minutes=1))
    customer.refresh_from_db()
    assert customer.owner_id is None
    move = PoolMove.objects.get(action="recycled")
    assert (move.rule_id, move.rule_number, move.from_owner_id) == (rule.pk, 1, team["rep"].member_id)
    assert told("pool_recycled") == [(pk, None) for pk in people]
    assert PoolEntry.objects.get().previous_owner_id == team["rep"].member_id
    assert not Holding.objects.exists() and not Due.objects.filter(kind="pools.holding_due").exists()


def test_a_visit_saves_and_a_note_does_not(team: Team) -> None:
    begin = clock.now()
    pool = pool_of(team["owner"])
    saved, lost = customer_of(team["rep"]), customer_of(team["rep"])
    live_rule(team["owner"], pool, no_follow_up_days=10)
    for customer in (saved, lost):
        assert planned(customer, begin + timedelta(days=6)).due_at is not None
    visited(team, saved, begin + timedelta(days=8))
    with clock.at(begin + timedelta(days=8)):
        log_activity(actor=team["rep"], kind="note", record=("customer", lost.pk), body="没人接")
        settle()
    assert Holding.objects.get(record_id=saved.pk).due_at is None
    for day in (8, 9, 10):
        go_by(begin + timedelta(days=day, minutes=5))
    saved.refresh_from_db()
    lost.refresh_from_db()
    assert (saved.owner_id, lost.owner_id) == (team["rep"].member_id, None)


def test_nothing_goes_without_a_warning_even_when_long_overdue(team: Team) -> None:
    pool = pool_of(team["owner"])
    with clock.at(clock.now() - timedelta(days=400)):
        customer = customer_of(team["rep"])
    rule = live_rule(team["owner"], pool, no_follow_up_days=30)
    run_all("pools.plan")
    holding = Holding.objects.get(record_id=customer.pk)
    assert rule.activated_at is not None and holding.due_at is not None
    assert holding.due_at >= rule.activated_at + timedelta(days=3)
    late = clock.now() + timedelta(days=20)
    go_by(late)
    customer.refresh_from_db()
    assert customer.owner_id is not None, "the worker slept: it warns first"
    assert told("pool_warning")
    for days in (1, 2, 3, 4):
        go_by(late + timedelta(days=days))
    customer.refresh_from_db()
    assert customer.owner_id is None


def test_exempt_are_the_locked_the_bought_those_with_deals_and_the_protected(team: Team) -> None:
    begin = clock.now()
    pool = pool_of(team["owner"], protection_days=60)
    locked, bought, dealing, plain = (customer_of(team["rep"]) for _ in range(4))
    lock_record(actor=team["owner"], kind="customer", record_id=locked.pk, reason="战略客户")
    deal = create_deal(actor=team["rep"], values={"name": "年货", "customer_id": bought.pk})
    move_deal(actor=team["rep"], deal_id=deal.pk, stage_id=Stage.objects.get(pipeline=deal.pipeline, kind="won").pk)
    create_deal(actor=team["rep"], values={"name": "中秋", "customer_id": dealing.pk})
    (entry,) = laid(team["rep2"], pool)
    claim_entries(actor=team["rep"], pool_id=pool.pk, entry_ids=[entry.pk])
    live_rule(team["owner"], pool, no_follow_up_days=30)
    with clock.at(begin + timedelta(days=25)):
        plan_all()
    assert list(Holding.objects.filter(due_at__isnull=False).values_list("record_id", flat=True)) == [plain.pk]
    unlock_record(actor=team["owner"], kind="customer", record_id=locked.pk)
    with clock.at(begin + timedelta(days=26)):
        plan_all()
    assert Holding.objects.get(record_id=locked.pk).due_at is not None
    with clock.at(begin + timedelta(days=55)):
        plan_all()
    assert Holding.objects.get(record_id=entry.record_id).due_at is not None, "protection ends with day 60"


def test_levels_sources_and_leads(team: Team) -> None:
    begin = clock.now()
    pool, leads = pool_of(team["owner"]), pool_of(team["owner"], "lead")
    fits = customer_of(team["rep"], level="C", source="exhibition")
    customer_of(team["rep"], level="A", source="exhibition")
    customer_of(team["rep"], level="C", source="web")
    lead = lead_of(team["rep"])
    live_rule(team["owner"], pool, no_deal_days=20, levels=("C",), sources=("exhibition",))
    live_rule(team["owner"], leads, no_follow_up_days=20)
    with clock.at(begin + timedelta(days=15)):
        plan_all()
    due = Holding.objects.filter(due_at__isnull=False).values_list("kind", "record_id")
    assert set(due) == {("customer", fits.pk), ("lead", lead.pk)}
    with pytest.raises(Invalid):
        draft_rule(actor=team["owner"], pool_id=leads.pk, terms=Terms(no_deal_days=3))
    with pytest.raises(Invalid):
        draft_rule(actor=team["owner"], pool_id=pool.pk, terms=Terms())


def test_a_rehearsal_tells_whom_it_would_have_taken_and_what_would_have_been_lost(team: Team) -> None:
    now = clock.now()
    pool = pool_of(team["owner"])
    with clock.at(now - timedelta(days=80)):
        quiet, visited_one, winner, young = (customer_of(team["rep"]) for _ in range(4))
    with clock.at(now - timedelta(days=10)):
        customer_of(team["rep"])
    for day in (60, 40, 20, 2):
        visited(team, visited_one, now - timedelta(days=day))
    visited(team, young, now - timedelta(days=20))
    with clock.at(now - timedelta(days=30)):
        deal = create_deal(actor=team["rep"], values={"name": "年货", "customer_id": winner.pk, "amount": 8000})
        move_deal(actor=team["rep"], deal_id=deal.pk, stage_id=Stage.objects.get(pipeline=deal.pipeline, kind="won").pk)
    rule = draft_rule(actor=team["owner"], pool_id=pool.pk, terms=Terms(no_follow_up_days=30))
    with pytest.raises(Conflict, match="Rehearse"):
        activate_rule(actor=team["owner"], rule_id=rule.pk)
    job = run(rehearse_rule(actor=team["owner"], rule_id=rule.pk))
    assert (job.state, job.message_code) == ("succeeded", "pool_rehearsed")
    shown = rehearsal_of(team["owner"], rule.pk)
    assert (shown["looked_at"], shown["touched"], shown["saved"], shown["worth"]) == (5, 3, 1, "8000.00")
    days = {each["day"]: (each["touched"], each["saved"]) for each in shown["days"]}
    assert sum(number for number, _ in days.values()) == 3
    assert [(each["owner_id"], each["touched"], each["saved"]) for each in shown["owners"]] == [
        (team["rep"].member_id, 3, 1)
    ]
    by_id = {each["record_id"]: each for each in shown["examples"]}
    assert set(by_id) == {quiet.pk, winner.pk, young.pk}
    assert by_id[winner.pk]["won_at"] is not None and by_id[winner.pk]["title"] == winner.name
    moment = datetime.fromisoformat(by_id[quiet.pk]["due_at"])
    assert abs(moment - (now - timedelta(days=50))) < timedelta(minutes=1)
    assert not PoolEntry.objects.exists(), "a rehearsal takes nothing"
    with pytest.raises(NotFound):
        rehearsal_of(team["manager"], rule.pk)


def test_the_replay_says_what_the_live_rule_would_have_done(team: Team) -> None:
    """The same life, once lived under the rule day by day and once replayed: the same record on the same day."""
    now = clock.now()
    begin = now - timedelta(days=70)
    pool = pool_of(team["owner"])
    with clock.at(begin):
        customers = [customer_of(team["rep"]) for _ in range(4)]
    live_rule(team["owner"], pool, days_ago=90, no_follow_up_days=15)
    for customer, days in zip(customers, ((), (10,), (10, 20, 30), (14, 40)), strict=True):
        for day in days:
            visited(team, customer, begin + timedelta(days=day))
    rule = draft_rule(actor=team["owner"], pool_id=pool.pk, terms=Terms(no_follow_up_days=15))
    replay = rehearsal_of(team["owner"], (run(rehearse_rule(actor=team["owner"], rule_id=rule.pk)), rule.pk)[1])
    expected = {each["record_id"]: datetime.fromisoformat(each["due_at"]).date() for each in replay["examples"]}
    assert len(expected) == 4
    taken: dict[int, date] = {}
    # Live again: the visits that were to come are not known yet, so they are taken away and made as their day comes.
    ActivityLink.objects.filter(record_kind="customer", qualifying=True).update(qualifying=False)
    plans = dict(zip([c.pk for c in customers], ((), (10,), (10, 20, 30), (14, 40)), strict=True))
    for day in range(71):
        moment = begin + timedelta(days=day, minutes=1)
        for customer in customers:
            if day in plans[customer.pk] and Customer.objects.filter(pk=customer.pk, owner__isnull=False).exists():
                visited(team, customer, begin + timedelta(days=day))
        with clock.at(moment):
            plan_all()
        go_by(moment + timedelta(minutes=1))
        for move in PoolMove.objects.filter(action="recycled").exclude(record_id__in=taken):
            taken[move.record_id] = move.at.date()
    assert taken == expected


def test_switched_on_rolled_back_and_given_back(team: Team) -> None:
    pool = pool_of(team["owner"])
    begin = clock.now() - timedelta(days=100)
    with clock.at(begin):
        kept, taken = customer_of(team["rep"]), customer_of(team["rep"])
    first = live_rule(team["owner"], pool, days_ago=99, no_follow_up_days=365)
    second = live_rule(team["owner"], pool, days_ago=20, no_follow_up_days=30)
    first.refresh_from_db()
    assert (first.state, second.state, second.previous_id) == ("retired", "live", first.pk)
    with clock.at(clock.now() - timedelta(days=19)):
        run_all("pools.plan")
    for days in (18, 17, 16, 15, 14, 13):
        go_by(clock.now() - timedelta(days=days))
    assert PoolEntry.objects.count() == 2
    claim_entries(actor=team["rep2"], pool_id=pool.pk, entry_ids=[PoolEntry.objects.get(record_id=taken.pk).pk])
    ended = roll_back_rule(actor=team["owner"], pool_id=pool.pk, return_records=True)
    first.refresh_from_db()
    assert (ended.pk, ended.state, first.state) == (second.pk, "rolled_back", "live")
    (job,) = run_all("pools.give_back")
    assert job.result == {"given_back": 1, "taken_since": 1, "owner_gone": 0}
    kept.refresh_from_db()
    taken.refresh_from_db()
    assert (kept.owner_id, taken.owner_id) == (team["rep"].member_id, team["rep2"].member_id)
    assert PoolMove.objects.filter(action="given_back", record_id=kept.pk).count() == 1
    assert RecycleRule.objects.filter(state="live").count() == 1
