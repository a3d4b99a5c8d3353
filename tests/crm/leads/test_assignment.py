"""Who gets a lead, how soon it must be answered, and who is warned."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from crm.activities.services import log_activity
from crm.leads.models import AssignmentRule, Lead
from crm.leads.services import (
    archive_lead,
    assign_lead,
    change_lead_state,
    create_assignment_rule,
    create_lead,
    restore_lead,
    update_assignment_rule,
)
from crm.records.models import StateChange
from guanxi.common import clock
from guanxi.common.errors import Invalid
from guanxi.notifications.models import Notification
from guanxi.tenancy import TenantRef
from guanxi.timers.models import Due
from tests.crm.makers import at_once, captured, go_by, settle
from tests.people import Team
from tests.tenants.forms import id_of


def _rule(team: Team, method: str, parts: tuple[str, ...] = ("rep", "rep2", "manager"), **more: Any) -> AssignmentRule:
    AssignmentRule.objects.all().delete()
    ids = [team[part].member_id for part in parts]
    values = {"name": "r", "method": method, "member_ids": ids, **more}
    return create_assignment_rule(actor=team["owner"], values=values)


def _told(kind: str) -> list[int]:
    return sorted(Notification.objects.filter(kind=kind).values_list("member_id", flat=True))


def test_round_robin_goes_round_and_passes_over_who_has_left(team: Team) -> None:
    from tenants.members.models import Member

    rule = _rule(team, "round_robin")
    order = [id_of(team[part]) for part in ("rep", "rep2", "manager")]
    assert [captured(phone=f"1380000000{n}").owner_id for n in range(4)] == [*order, order[0]]
    Member.objects.filter(pk=order[1]).update(state="switched_off")
    assert [captured(phone=f"1380000001{n}").owner_id for n in range(3)] == [order[2], order[0], order[2]]
    with pytest.raises(Invalid):
        update_assignment_rule(actor=team["owner"], rule_id=rule.pk, changes={"member_ids": order})


def test_a_member_named_twice_has_one_turn(team: Team) -> None:
    rule = _rule(team, "round_robin", ("rep", "rep", "rep2"))
    assert rule.member_ids == [team["rep"].member_id, team["rep2"].member_id]
    owners = Counter(captured(phone=f"1380000000{n}").owner_id for n in range(4))
    assert set(owners.values()) == {2}


def test_least_loaded_counts_open_leads(team: Team) -> None:
    for number in range(3):
        create_lead(actor=team["rep"], values={"name": f"own {number}"})
    closed = create_lead(actor=team["rep2"], values={"name": "closed"})
    change_lead_state(actor=team["rep2"], lead_id=closed.pk, state="invalid", reason="spam")
    _rule(team, "least_loaded", ("rep", "rep2"))
    owners = [captured(phone=f"1380000000{n}").owner_id for n in range(5)]
    rep, rep2 = team["rep"].member_id, team["rep2"].member_id
    assert owners[:3] == [rep2] * 3, "who has fewer catches up first"
    assert Counter(owners) == {rep2: 4, rep: 1}


def test_the_first_rule_that_fits_the_source(team: Team) -> None:
    _rule(team, "round_robin", ("rep",), sources=["wechat"], position=1)
    values = {"name": "b", "member_ids": [team["rep2"].member_id], "position": 2, "response_minutes": 5}
    create_assignment_rule(actor=team["owner"], values=values)
    assert captured(source="wechat", phone="13800000001").owner_id == team["rep"].member_id
    web = Lead.objects.get(pk=captured(source="web", phone="13800000002").lead_id)
    assert web.owner_id == team["rep2"].member_id
    assert web.response_due_at is not None and web.assigned_at is not None
    assert web.response_due_at - web.assigned_at == timedelta(minutes=5)
    AssignmentRule.objects.update(active=False)
    nobody = Lead.objects.get(pk=captured(source="web", phone="13800000003").lead_id)
    assert (nobody.owner_id, nobody.state, nobody.response_due_at) == (None, "new", None)


@pytest.mark.committed
@pytest.mark.parametrize("method", ["round_robin", "least_loaded"])
def test_twelve_at_once_are_shared_evenly(alpha: TenantRef, team: Team, method: str) -> None:
    _rule(team, method)
    works = [lambda n=n: captured(phone=f"138000000{n:02}") for n in range(12)]
    found = at_once(alpha, *works)
    assert not [fault for fault in found if isinstance(fault, Exception)]
    assert set(Counter(Lead.objects.values_list("owner_id", flat=True)).values()) == {4}


def test_who_answers_in_time_is_not_warned_of(team: Team) -> None:
    _rule(team, "round_robin", ("rep",))
    late, answered = (captured(phone=f"1380000000{n}").lead_id for n in range(2))
    settle()
    assert _told("lead_assigned") == [team["rep"].member_id] * 2
    log_activity(actor=team["rep"], kind="note", record=("lead", late), body="a note is no answer")
    log_activity(actor=team["rep"], kind="call", record=("lead", answered), body="called")
    settle()
    now = Lead.objects.get(pk=answered)
    assert now.state == "contacting" and now.first_response_at is not None
    due = Lead.objects.get(pk=late).response_due_at
    assert due is not None
    go_by(due - timedelta(seconds=1))
    assert _told("lead_overdue") == []
    go_by(due + timedelta(seconds=1))
    warned = sorted(filter(None, (team["rep"].member_id, team["manager"].member_id)))
    assert _told("lead_overdue") == warned
    assert set(Notification.objects.filter(kind="lead_overdue").values_list("record_id", flat=True)) == {late}
    go_by(due + timedelta(days=1))
    assert _told("lead_overdue") == warned, "once"


def test_a_lead_given_to_another_rings_and_has_its_time(team: Team) -> None:
    lead = create_lead(actor=team["manager"], values={"name": "given"}, owner_id=team["rep"].member_id)
    assert lead.state == "assigned" and lead.response_due_at is not None
    assert _told("lead_assigned") == [team["rep"].member_id]
    own = create_lead(actor=team["rep"], values={"name": "own"})
    assert (own.owner_id, own.state, own.response_due_at) == (team["rep"].member_id, "assigned", None)


def test_an_archived_lead_warns_nobody_and_a_restored_one_does(team: Team) -> None:
    lead = create_lead(actor=team["manager"], values={"name": "x"}, owner_id=team["rep"].member_id)
    due = lead.response_due_at
    assert due is not None
    archive_lead(actor=team["manager"], lead_id=lead.pk)
    assert not Due.objects.filter(kind="lead.response_due", ref_id=lead.pk).exists()
    restore_lead(actor=team["manager"], lead_id=lead.pk)
    go_by(due + timedelta(seconds=1))
    assert team["rep"].member_id in _told("lead_overdue")


def test_a_new_owner_changes_neither_state_nor_history(team: Team) -> None:
    lead = create_lead(actor=team["rep"], values={"name": "x"})
    change_lead_state(actor=team["rep"], lead_id=lead.pk, state="contacting")
    steps = list(StateChange.objects.filter(kind="lead", record_id=lead.pk).values_list("after", "at"))
    with clock.at(clock.now() + timedelta(days=3)):
        moved = assign_lead(actor=team["manager"], lead_id=lead.pk, owner_id=team["rep2"].member_id or 0)
    assert (moved.owner_id, moved.state) == (team["rep2"].member_id, "contacting")
    assert moved.owner_department_path == team["rep2"].department_path
    assert list(StateChange.objects.filter(kind="lead", record_id=lead.pk).values_list("after", "at")) == steps
