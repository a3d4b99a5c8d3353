"""Shares, children of one's customers, delegates and field modes, as people meet them over the API."""

from datetime import timedelta
from typing import Any

import pytest

from crm.activities.services import create_task
from crm.customers.selectors import access_customer, find_contacts, find_customers
from crm.customers.services import create_contact, create_customer, update_customer
from crm.deals.selectors import access_deal, find_deals
from crm.deals.services import create_deal, update_deal
from crm.leads.services import create_lead
from crm.records.modes import finding_q, mask, present, refuse_fields
from crm.records.selectors import search_everything
from crm.records.services import audience_of
from crm.records.sharing.selectors import sight_of, viewers
from crm.records.sharing.services import end_due, reveal_field, share_record, unshare_record
from guanxi.access import Actor, FieldMode
from guanxi.audit.models import AuditEntry
from guanxi.common import clock
from guanxi.common.errors import Invalid, NotFound, PermissionDenied
from guanxi.notifications.models import Notification
from guanxi.realtime.audiences import admits
from tenants.members.models import Role
from tenants.members.services import create_delegation, create_team, end_delegation, update_role
from tests.people import Team, actor_named


@pytest.fixture
def customer(team: Team) -> Any:
    """A customer of the first rep."""
    return create_customer(actor=team["rep"], values={"name": "Tea House", "phone": "13812340000"})


def restrict(team: Team, modes: dict[str, dict[str, str]], code: str = "rep") -> None:
    role = Role.objects.get(code=code)
    update_role(actor=team["owner"], role_id=role.pk, field_modes=modes)


def fresh(part: str) -> Actor:
    return actor_named(part)


# --- shares ---


def test_a_share_opens_the_record_and_its_end_closes_it(team: Team, customer: Any) -> None:
    rep, rep2 = team["rep"], team["rep2"]
    with pytest.raises(NotFound):
        access_customer(rep2, customer.pk)
    until = clock.in_future(hours=1)
    share = share_record(
        actor=rep, kind="customer", record_id=customer.pk, subject=f"member:{rep2.member_id}", until=until
    )
    assert access_customer(rep2, customer.pk).pk == customer.pk
    with pytest.raises(NotFound):
        access_customer(rep2, customer.pk, "customer.update")
    assert admits(rep2, audience_of(customer, "customer.read"))
    with clock.at(until):
        with pytest.raises(NotFound):
            access_customer(rep2, customer.pk)
        end_due(share.pk)
        assert not admits(rep2, audience_of(customer, "customer.read"))


def test_a_share_with_a_team_or_a_department_reaches_its_members(team: Team, customer: Any) -> None:
    rep, rep2, agent = team["rep"], team["rep2"], team["agent"]
    crew = create_team(actor=team["owner"], name="Crew", member_ids=[rep2.member_id or 0])
    share = share_record(actor=rep, kind="customer", record_id=customer.pk, subject=f"team:{crew.pk}", level="edit")
    assert access_customer(fresh("rep2"), customer.pk, "customer.update").pk
    unshare_record(actor=rep, kind="customer", record_id=customer.pk, share_id=share.pk)
    with pytest.raises(NotFound):
        access_customer(fresh("rep2"), customer.pk)
    sales = rep.department_path.strip("/").split("/")[-1]
    share_record(actor=rep, kind="customer", record_id=customer.pk, subject=f"department:{sales}")
    assert access_customer(rep2, customer.pk).pk, "east lies below sales"
    assert f"department:{sales}" not in agent.subjects


def test_children_go_with_a_shared_customer(team: Team, customer: Any) -> None:
    rep, rep2 = team["rep"], team["rep2"]
    deal = create_deal(actor=rep, values={"name": "Big", "customer_id": customer.pk})
    contact = create_contact(actor=rep, values={"name": "Li"}, customer_id=customer.pk)
    due = clock.in_future(hours=1)
    task = create_task(actor=rep, values={"title": "Call", "due_at": due}, record=("deal", deal.pk))
    share_record(actor=rep, kind="customer", record_id=customer.pk, subject=f"member:{rep2.member_id}", level="edit")
    assert find_deals(rep2, {}).filter(pk=deal.pk).exists()
    assert update_deal(actor=rep2, deal_id=deal.pk, changes={"name": "Bigger"}).name == "Bigger"
    assert find_contacts(rep2, {}).filter(pk=contact.pk).exists()
    from crm.activities.selectors import access_task
    from crm.customers.services import update_contact

    assert access_task(rep2, task.pk).pk
    with pytest.raises(NotFound):
        update_contact(actor=rep2, contact_id=contact.pk, changes={"name": "Wang"})
    for kind, row in (("deal", deal), ("contact", contact), ("task", task)):
        assert admits(rep2, audience_of(row, f"{kind}.read")), kind


def test_nobody_shares_what_is_not_his(team: Team, customer: Any) -> None:
    rep, rep2, agent = team["rep"], team["rep2"], team["agent"]
    subject = f"member:{agent.member_id}"
    with pytest.raises(NotFound):
        share_record(actor=rep2, kind="customer", record_id=customer.pk, subject=subject)
    share_record(actor=rep, kind="customer", record_id=customer.pk, subject=f"member:{rep2.member_id}", level="edit")
    with pytest.raises(PermissionDenied):
        share_record(actor=rep2, kind="customer", record_id=customer.pk, subject=subject)
    with pytest.raises(Invalid, match="no such"):
        share_record(actor=rep, kind="customer", record_id=customer.pk, subject="team:4711")


def test_the_owner_of_a_customer_sees_what_others_make_there(team: Team, customer: Any) -> None:
    deal = create_deal(actor=team["owner"], values={"name": "From above", "customer_id": customer.pk})
    assert access_deal(team["rep"], deal.pk).pk
    assert admits(team["rep"], audience_of(deal, "deal.read"))
    assert not admits(team["rep2"], audience_of(deal, "deal.read"))


# --- delegates ---


def test_a_delegate_sees_the_absent_ones_records_until_the_end(team: Team, customer: Any) -> None:
    rep, rep2 = team["rep"], team["rep2"]
    start, end = clock.in_future(hours=1), clock.in_future(hours=3)
    create_delegation(actor=rep, to_member_id=rep2.member_id or 0, starts_at=start, ends_at=end)
    assert not find_customers(fresh("rep2"), {}).filter(pk=customer.pk).exists()
    with clock.at(start):
        standing_in = fresh("rep2")
        assert update_customer(actor=standing_in, customer_id=customer.pk, changes={"city": "Wuhan"}).city == "Wuhan"
        assert admits(standing_in, audience_of(customer, "customer.read"))
        assert AuditEntry.objects.order_by("-id")[0].actor_id == rep2.member_id, "the audit names who really did it"
    with clock.at(end):
        assert not find_customers(fresh("rep2"), {}).filter(pk=customer.pk).exists()


def test_a_delegation_ends_before_its_time(team: Team, customer: Any) -> None:
    rep, rep2 = team["rep"], team["rep2"]
    made = create_delegation(
        actor=rep, to_member_id=rep2.member_id or 0, starts_at=clock.now(), ends_at=clock.in_future(hours=3)
    )
    assert find_customers(fresh("rep2"), {}).filter(pk=customer.pk).exists()
    with pytest.raises(NotFound):
        end_delegation(actor=team["agent"], delegation_id=made.pk)
    end_delegation(actor=rep2, delegation_id=made.pk)
    assert not find_customers(fresh("rep2"), {}).filter(pk=customer.pk).exists()


def test_only_a_manager_of_delegations_sends_somebody_else_away(team: Team) -> None:
    who = {"from_member_id": team["rep"].member_id, "to_member_id": team["agent"].member_id or 0}
    times = {"starts_at": clock.now(), "ends_at": clock.in_future(hours=3)}
    with pytest.raises(PermissionDenied):
        create_delegation(actor=team["rep2"], **who, **times)  # type: ignore[arg-type]
    assert create_delegation(actor=team["admin"], **who, **times).pk  # type: ignore[arg-type]


# --- field modes ---


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("13812340000", "138****0000"),
        ("lin@example.com", "l***@example.com"),
        ("王小明", "王**"),
        ("", ""),
        (None, None),
    ],
)
def test_masks(value: str | None, shown: str | None) -> None:
    assert mask(value) == shown


def test_a_masked_field_is_masked_on_every_way_out(team: Team, customer: Any, browser_of: Any) -> None:
    restrict(team, {"customer": {"phone": "MASKED", "description": "HIDDEN"}})
    rep = fresh("rep")
    browser = browser_of("alpha", "rep")
    one = browser.get(f"/api/v1/customers/{customer.pk}").json()
    assert (one["phone"], one["description"]) == ("138****0000", None)
    listed = browser.get("/api/v1/customers").json()["items"][0]
    assert listed["phone"] == "138****0000"
    assert "13812340000" not in browser.get(f"/api/v1/audit/customer/{customer.pk}").content.decode()
    assert present(rep, "customer", {"phone": "13812340000", "city": "x"}) == {"phone": "138****0000", "city": "x"}
    answer = browser.get("/api/v1/session").json()
    assert answer["field_modes"] == {"customer": {"phone": "MASKED", "description": "HIDDEN"}}


def test_nothing_is_found_by_what_is_masked(team: Team, customer: Any, browser_of: Any) -> None:
    restrict(team, {"customer": {"phone": "MASKED", "level": "HIDDEN"}, "deal": {"amount": "HIDDEN"}})
    rep = fresh("rep")
    assert not find_customers(rep, {"q": "0000"}).exists()
    assert find_customers(team["owner"], {"q": "0000"}).exists()
    assert not search_everything(rep, "12340000")
    assert find_customers(rep, {"q": "Tea"}).exists()
    browser = browser_of("alpha", "rep")
    answer = browser.get("/api/v1/customers?level=A")
    assert (answer.status_code, answer.json()["code"]) == (422, "field_not_visible")
    assert browser.get("/api/v1/deals?order=-amount").status_code == 422
    assert finding_q(rep, "customer", "0000") != finding_q(team["owner"], "customer", "0000")


def test_what_is_not_editable_is_refused_and_a_masked_value_sent_back_changes_nothing(
    team: Team, customer: Any
) -> None:
    restrict(team, {"customer": {"phone": "MASKED", "level": "READ"}})
    rep = fresh("rep")
    changed = update_customer(actor=rep, customer_id=customer.pk, changes={"phone": "138****0000", "city": "Wuhan"})
    assert (changed.phone, changed.city) == ("13812340000", "Wuhan")
    with pytest.raises(Invalid) as refused:
        update_customer(actor=rep, customer_id=customer.pk, changes={"phone": "13911112222", "level": "A"})
    assert refused.value.code == "field_not_editable"
    assert refused.value.fields == {"phone": "masked", "level": "read"}
    with pytest.raises(Invalid):
        create_customer(actor=rep, values={"name": "New", "phone": "13911112222"})
    assert create_customer(actor=rep, values={"name": "New", "phone": "", "level": ""}).pk


def test_custom_fields_that_are_not_seen_survive_a_write(team: Team, customer: Any) -> None:
    restricted = Actor(
        team["rep"].kind, team["rep"].tenant, team["rep"].member_id,
        field_modes={"customer": {"custom.budget": FieldMode.HIDDEN, "custom.wish": FieldMode.MASKED}},
    )  # fmt: skip
    customer.custom = {"budget": "100", "wish": "green", "free": "x"}
    assert present(restricted, "customer", {"custom": customer.custom}) == {"custom": {"wish": "g**", "free": "x"}}
    kept = refuse_fields(restricted, "customer", customer, {"custom": {"wish": "g**", "free": "y"}})
    assert kept["custom"] == {"budget": "100", "wish": "green", "free": "y"}
    with pytest.raises(Invalid):
        refuse_fields(restricted, "customer", customer, {"custom": {"budget": "200"}})


def test_a_mask_of_one_role_wins_over_another(team: Team, customer: Any) -> None:
    restrict(team, {"customer": {"phone": "MASKED"}})
    from tenants.members.models import Member

    member = Member.objects.get(pk=team["rep"].member_id or 0)
    member.roles.add(Role.objects.get(code="manager"))
    assert present(fresh("rep"), "customer", {"phone": "13812340000"})["phone"] == "138****0000"


def test_a_reveal_is_one_value_and_one_audit_row(team: Team, customer: Any, browser_of: Any) -> None:
    restrict(team, {"customer": {"phone": "MASKED", "email": "HIDDEN"}})
    rows = AuditEntry.objects.filter(action="reveal")
    answer = browser_of("alpha", "rep").post(
        f"/api/v1/records/customer/{customer.pk}/reveal", {"field": "phone"}, content_type="application/json"
    )
    assert answer.json() == {"value": "13812340000"}
    row = rows.get()
    assert (row.kind, row.record_id, row.actor_id) == ("customer", customer.pk, team["rep"].member_id)
    assert "13812340000" not in str(row.changes)
    with pytest.raises(Invalid):
        reveal_field(actor=fresh("rep"), kind="customer", record_id=customer.pk, field="email")
    with pytest.raises(NotFound):
        reveal_field(actor=fresh("rep2"), kind="customer", record_id=customer.pk, field="phone")
    assert rows.count() == 1


def test_modes_that_cannot_be_are_refused(team: Team) -> None:
    for modes in (
        {"customer": {"name": "HIDDEN"}},
        {"customer": {"city": "MASKED"}},
        {"customer": {"nothing": "READ"}},
    ):
        with pytest.raises(Invalid):
            restrict(team, modes)


def test_nobody_unmasks_for_himself(team: Team) -> None:
    restrict(team, {"customer": {"phone": "MASKED"}}, code="admin")
    with pytest.raises(PermissionDenied):
        update_role(actor=fresh("admin"), role_id=Role.objects.get(code="admin").pk, field_modes={})


# --- who can see it ---


def test_who_can_see_a_record_and_why(team: Team, customer: Any) -> None:
    rep, rep2 = team["rep"], team["rep2"]
    share_record(actor=rep, kind="customer", record_id=customer.pk, subject=f"member:{rep2.member_id}")
    lead = create_lead(actor=rep, values={"name": "Li"})
    page = viewers(rep, "customer", customer.pk)
    why = {viewer.name: [reason.code for reason in viewer.reasons] for viewer in page.items}
    assert why["Rep"] == ["owner"]
    assert why["Rep Two"] == ["share"]
    assert why["Manager"] == ["scope"]
    assert page.total == 6
    assert {viewer.name for viewer in viewers(rep, "lead", lead.pk).items} == {
        "Owner",
        "Admin",
        "Manager",
        "Rep",
        "Agent",
    }
    with pytest.raises(PermissionDenied):
        viewers(rep2, "customer", customer.pk)


def test_what_a_member_sees(team: Team, customer: Any) -> None:
    rows = {sight.kind: sight for sight in sight_of(team["owner"], team["rep2"].member_id or 0)}
    assert (rows["customer"].scopes, rows["customer"].count) == (["SELF"], 0)
    assert {sight.kind: sight.count for sight in sight_of(team["owner"], team["rep"].member_id or 0)}["customer"] == 1


def test_a_deal_that_is_shared_shows_its_customer_nowhere_else(team: Team, customer: Any) -> None:
    deal = create_deal(actor=team["rep"], values={"name": "Big", "customer_id": customer.pk})
    subject = f"member:{team['rep2'].member_id}"
    share_record(
        actor=team["rep"], kind="deal", record_id=deal.pk, subject=subject, until=clock.now() + timedelta(days=2)
    )
    assert access_deal(team["rep2"], deal.pk).pk
    with pytest.raises(NotFound):
        access_customer(team["rep2"], customer.pk)


# --- over HTTP ---


def test_a_collaborator_hears_and_leaves(team: Team, customer: Any, browser_of: Any) -> None:
    rep2 = team["rep2"]
    assert rep2.member_id is not None
    path = f"/api/v1/records/customer/{customer.pk}/shares"
    browser = browser_of("alpha", "rep")
    made = browser.post(path, {"subject": f"member:{rep2.member_id}"}, content_type="application/json")
    assert (made.status_code, made.json()["name"], made.json()["by"]) == (201, "Rep Two", "Rep")
    theirs = browser_of("alpha", "rep2")
    listed = theirs.get(path).json()
    assert (len(listed["items"]), listed["may_share"], listed["may_see_viewers"]) == (1, False, False)
    assert Notification.objects.filter(member_id=rep2.member_id, kind="record_shared").count() == 1
    assert theirs.get(f"/api/v1/records/customer/{customer.pk}/viewers").status_code == 403
    assert theirs.delete(f"{path}/{made.json()['id']}").status_code == 204
    assert theirs.get(path).status_code == 404
    assert set(AuditEntry.objects.filter(kind="customer").values_list("action", flat=True)) >= {"share", "unshare"}


def test_teams_and_stand_ins_over_http(team: Team, browser_of: Any) -> None:
    owner, rep = browser_of("alpha", "owner"), browser_of("alpha", "rep")
    ids = [team["rep"].member_id]
    made = owner.post("/api/v1/teams", {"name": "Crew", "member_ids": ids}, content_type="application/json")
    assert [member["name"] for member in made.json()["members"]] == ["Rep"]
    again = owner.post("/api/v1/teams", {"name": "Crew"}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "team_name_taken")
    assert rep.post("/api/v1/teams", {"name": "Mine"}, content_type="application/json").status_code == 403
    times = {"starts_at": clock.now().isoformat(), "ends_at": clock.in_future(hours=2).isoformat()}
    body = {"to_member_id": team["rep2"].member_id, **times}
    away = rep.post("/api/v1/delegations", body, content_type="application/json").json()
    assert (away["state"], away["from_member"]["name"]) == ("active", "Rep")
    assert browser_of("alpha", "agent").get("/api/v1/delegations").json()["items"] == []
    twice = rep.post("/api/v1/delegations", body, content_type="application/json")
    assert (twice.status_code, twice.json()["code"]) == (409, "delegation_exists")
    ended = rep.post(f"/api/v1/delegations/{away['id']}/end", content_type="application/json").json()
    assert ended["state"] == "over"
