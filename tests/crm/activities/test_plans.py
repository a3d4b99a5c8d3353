"""Plans turn into results, reminders come when chosen, and what counts as follow-up is told from one index."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.activities.models import Activity, ActivityLink
from crm.activities.selectors import last_follow_up, without_next_step
from crm.activities.services import (
    cancel_plan,
    check_in,
    complete_plan,
    create_task,
    delete_activity,
    log_activity,
    log_system,
    plan_activity,
    restore_activity,
    set_task_state,
    update_activity,
)
from crm.activities.types import Position
from crm.customers.models import Customer
from crm.customers.services import create_contact, create_customer
from crm.deals.services import create_deal
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound, PermissionDenied
from guanxi.notifications.models import Notification
from tests.crm.makers import go_by
from tests.people import Team


def _customer(actor: Actor, name: str = "西湖茶业") -> Customer:
    return create_customer(actor=actor, values={"name": name})


def test_what_counts_as_follow_up(rep: Actor) -> None:
    customer, now = _customer(rep), clock.now()
    on = ("customer", customer.pk)
    assert last_follow_up("customer", [customer.pk]) == {}
    log_activity(actor=rep, kind="note", record=on, body="想一想")
    log_activity(actor=rep, kind="call", record=on, subject="打了一个电话")
    log_system(actor=rep, event="x.y", record=on)
    log_system(actor=Actor.assistant(), event="", kind="message", record=on)
    assert last_follow_up("customer", [customer.pk]) == {}, "notes, calls without result, system and bot do not count"
    log_activity(actor=rep, kind="call", record=on, outcome="reached", subject="a", at=now - timedelta(days=3))
    assert last_follow_up("customer", [customer.pk]) == {customer.pk: now - timedelta(days=3)}
    visit = log_activity(actor=rep, kind="visit", record=on, body="b", at=now - timedelta(days=1))
    assert last_follow_up("customer", [customer.pk]) == {customer.pk: now - timedelta(days=1)}
    delete_activity(actor=rep, activity_id=visit.pk)
    assert last_follow_up("customer", [customer.pk]) == {customer.pk: now - timedelta(days=3)}
    restore_activity(actor=rep, activity_id=visit.pk)
    log_system(actor=rep, event="", kind="message", record=on)
    assert last_follow_up("customer", [customer.pk])[customer.pk] >= now


def test_follow_up_of_a_deal_counts_for_its_customer_in_one_query(rep: Actor) -> None:
    first, second = _customer(rep), _customer(rep, "b")
    deal = create_deal(actor=rep, values={"name": "d", "customer_id": first.pk})
    line = log_activity(actor=rep, kind="meeting", record=("deal", deal.pk), body="x")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert last_follow_up("customer", [first.pk, second.pk]) == {first.pk: line.at}
    assert len(queries) == 1


def test_a_plan_turns_into_a_result(rep: Actor) -> None:
    customer, soon = _customer(rep), clock.now() + timedelta(hours=3)
    plan = plan_activity(
        actor=rep, kind="visit", subject="送样品", at=soon, ends_at=soon + timedelta(hours=1),
        record=("customer", customer.pk), place="杭州",
    )  # fmt: skip
    assert plan.state == "planned" and not plan.qualifying
    assert Customer.objects.get(pk=customer.pk).last_activity_at is None
    assert last_follow_up("customer", [customer.pk]) == {}
    with pytest.raises(Invalid) as refused:
        complete_plan(actor=rep, activity_id=plan.pk)
    assert refused.value.code == "result_missing"
    done = complete_plan(actor=rep, activity_id=plan.pk, outcome="positive", summary="要 100 盒", next_step="报价")
    assert (done.state, done.qualifying, done.body, done.next_step) == ("done", True, "要 100 盒", "报价")
    assert done.at < soon and done.ends_at == done.at + timedelta(hours=1), "done ahead of its time, it was done now"
    assert last_follow_up("customer", [customer.pk]) == {customer.pk: done.at}
    assert Customer.objects.get(pk=customer.pk).last_activity_at == done.at
    with pytest.raises(Conflict):
        cancel_plan(actor=rep, activity_id=plan.pk)


def test_a_plan_needs_no_record_and_shows_to_who_takes_part(team: Team) -> None:
    rep, rep2 = team["rep"], team["rep2"]
    soon = clock.now() + timedelta(days=1)
    plan = plan_activity(
        actor=rep, kind="meeting", subject="周会", at=soon, participants={"member_ids": [rep2.member_id or 0]}
    )
    told = Notification.objects.get(member_id=rep2.member_id or 0, kind="activity_invited")
    assert told.params["title"] == "周会"
    with pytest.raises(PermissionDenied):
        update_activity(actor=rep2, activity_id=plan.pk, changes={"at": soon + timedelta(days=1)})
    with pytest.raises(NotFound):
        update_activity(actor=team["agent"], activity_id=plan.pk, changes={"subject": "x"})
    with pytest.raises(Invalid):
        update_activity(actor=rep, activity_id=plan.pk, changes={"ends_at": soon - timedelta(hours=1)})
    cancel_plan(actor=rep, activity_id=plan.pk)
    assert Notification.objects.filter(member_id=rep2.member_id or 0, kind="activity_cancelled").count() == 1


def test_only_known_contacts_take_part(team: Team) -> None:
    theirs = create_contact(actor=team["rep2"], values={"name": "Li"}, customer_id=_customer(team["rep2"]).pk)
    with pytest.raises(Invalid) as refused:
        plan_activity(
            actor=team["rep"], kind="meeting", subject="x", at=clock.now(), participants={"contact_ids": [theirs.pk]}
        )
    assert refused.value.code == "contact_unknown"


def test_reminders_come_at_the_chosen_minutes(rep: Actor) -> None:
    at = clock.now() + timedelta(hours=5)
    plan = plan_activity(actor=rep, kind="call", subject="回电", at=at, remind_minutes=[15, 60, 15])
    reminded = Notification.objects.filter(member_id=rep.member_id or 0, kind="activity_soon")
    go_by(at - timedelta(minutes=61))
    assert reminded.count() == 0
    go_by(at - timedelta(minutes=60))
    go_by(at - timedelta(minutes=59))
    assert reminded.count() == 1
    go_by(at - timedelta(minutes=15))
    assert sorted(row.params["minutes"] for row in reminded.all()) == [15, 60]
    later = at + timedelta(days=1)
    update_activity(actor=rep, activity_id=plan.pk, changes={"at": later})
    go_by(later - timedelta(minutes=59))
    assert reminded.count() == 3, "a moved plan reminds anew"
    cancel_plan(actor=rep, activity_id=plan.pk)
    go_by(later)
    assert reminded.count() == 3


def test_checking_in_on_a_visit(rep: Actor) -> None:
    customer = _customer(rep)
    visits = [
        log_activity(actor=rep, kind="visit", record=("customer", customer.pk), subject=name) for name in ("a", "b")
    ]
    first = check_in(
        actor=rep, activity_id=visits[0].pk, position=Position(Decimal("30.274085"), Decimal("120.155070"), 20)
    )
    assert first.distance is None
    second = check_in(
        actor=rep, activity_id=visits[1].pk, position=Position(Decimal("30.283085"), Decimal("120.155070"), 20)
    )
    assert second.distance is not None and abs(second.distance - 1001) < 3
    with pytest.raises(Conflict):
        check_in(actor=rep, activity_id=visits[0].pk, position=Position(address="x"))
    note = log_activity(actor=rep, kind="note", record=("customer", customer.pk), body="n")
    with pytest.raises(Conflict):
        check_in(actor=rep, activity_id=note.pk, position=Position(address="x"))


def test_a_visit_without_any_place_is_none(rep: Actor) -> None:
    visit = log_activity(actor=rep, kind="visit", record=("customer", _customer(rep).pk), subject="a")
    with pytest.raises(Invalid) as refused:
        check_in(actor=rep, activity_id=visit.pk, position=Position())
    assert refused.value.code == "position_missing"


def test_who_has_no_next_step(rep: Actor) -> None:
    planned, tasked, late, bare = (_customer(rep, name) for name in "abcd")
    soon = clock.now() + timedelta(days=1)
    plan = plan_activity(actor=rep, kind="call", subject="x", at=soon, record=("customer", planned.pk))
    task = create_task(actor=rep, values={"title": "t", "due_at": soon}, record=("customer", tasked.pk))
    create_task(actor=rep, values={"title": "t", "due_at": soon - timedelta(days=2)}, record=("customer", late.pk))

    def found() -> set[int]:
        return set(without_next_step(Customer.objects.all(), "customer").values_list("pk", flat=True))

    assert {late.pk, bare.pk} <= found() and not {planned.pk, tasked.pk} & found()
    set_task_state(actor=rep, task_id=task.pk, state="done")
    complete_plan(actor=rep, activity_id=plan.pk, outcome="reached")
    assert {planned.pk, tasked.pk} <= found()
    assert ActivityLink.objects.filter(planned=True).count() == 0
    assert Activity.objects.get(pk=plan.pk).links.filter(qualifying=True).count() == 1
