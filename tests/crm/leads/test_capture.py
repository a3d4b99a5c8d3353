"""Capturing a lead: one open lead a person, enriched and never overwritten, also when four come at once."""

from collections.abc import Callable

import pytest

from crm.activities.models import Activity
from crm.customers.models import Consent
from crm.leads.models import AssignmentRule, Lead
from crm.leads.services import archive_lead, capture_lead, change_lead_state, create_lead, restore_lead, update_lead
from crm.leads.types import CapturedLead
from guanxi.access import Actor
from guanxi.common.errors import Conflict, Invalid, PermissionDenied
from guanxi.tenancy import TenantRef
from tests.crm.makers import at_once, captured, identity_of
from tests.people import Team


def test_a_second_capture_fills_in_and_overwrites_nothing(alpha: TenantRef) -> None:
    person = identity_of()
    first = captured(identity_id=person, name="张三", need="绿茶礼盒", touch={"utm": "a"})
    second = captured(
        identity_id=person, name="张", phone="+86 139 0000 1111", need="还要红茶", touch={"utm": "b"},
        consent={"purpose": "contact", "proof": {"text": "好"}},
    )  # fmt: skip
    assert (first.lead_id, first.created, second.created) == (second.lead_id, True, False)
    lead = Lead.objects.get(pk=first.lead_id)
    assert (lead.name, lead.phone, lead.need) == ("张三", "13900001111", "绿茶礼盒\n还要红茶")
    assert (lead.first_touch["utm"], lead.last_touch["utm"]) == ("a", "b")
    assert Consent.objects.get(identity_id=person).purpose == "contact"
    again = captured(identity_id=person, need="还要红茶", touch={"utm": "b"})
    assert again.changed == ()
    assert Activity.objects.filter(record_kind="lead", record_id=lead.pk, event="lead.enriched").count() == 1


def test_an_unproven_phone_joins_nobody(alpha: TenantRef) -> None:
    """Somebody who types another person's number must not get at that person's lead."""
    known = captured(phone="13900002222", name="李四")
    stranger = captured(identity_id=identity_of(), phone="13900002222")
    assert stranger.lead_id != known.lead_id
    proven = captured(identity_id=identity_of(), phone="13900002222", phone_verified=True)
    assert proven.created is False


def test_a_closed_or_archived_lead_begins_a_new_one(team: Team) -> None:
    owner, person = team["owner"], identity_of()
    closed = captured(identity_id=person, name="A").lead_id
    change_lead_state(actor=owner, lead_id=closed, state="invalid", reason="spam")
    archived = captured(identity_id=person, name="B").lead_id
    archive_lead(actor=owner, lead_id=archived)
    open_one = captured(identity_id=person, name="C").lead_id
    assert len({closed, archived, open_one}) == 3
    acts: tuple[Callable[[], Lead], ...] = (
        lambda: restore_lead(actor=owner, lead_id=archived),
        lambda: change_lead_state(actor=owner, lead_id=closed, state="contacting"),
    )
    for act in acts:
        with pytest.raises(Conflict) as refused:
            act()
        assert (refused.value.code, refused.value.params["lead_id"]) == ("open_lead_exists", open_one)
    archive_lead(actor=owner, lead_id=open_one)
    assert restore_lead(actor=owner, lead_id=archived).archived_at is None


@pytest.mark.committed
@pytest.mark.parametrize("known_by", ["identity", "phone"])
def test_four_at_once_make_one(alpha: TenantRef, known_by: str) -> None:
    person = {"identity_id": identity_of()} if known_by == "identity" else {"phone": "13911112222"}
    found = at_once(alpha, *[lambda n=n: captured(**person, need=f"need {n}") for n in range(4)])
    assert len({capture.lead_id for capture in found}) == 1, found  # type: ignore[union-attr]
    assert sum(capture.created for capture in found) == 1  # type: ignore[union-attr]
    lead = Lead.objects.get()
    assert sorted(lead.need.split("\n")) == [f"need {n}" for n in range(4)], "nothing that came is lost"


def test_a_rep_keeps_the_lead_of_a_talk_and_an_agents_goes_by_the_rules(team: Team) -> None:
    AssignmentRule.objects.update(member_ids=[team["rep2"].member_id])
    person = CapturedLead(source="web", identity_id=identity_of(), name="A")
    own = capture_lead(actor=team["rep"], captured=person)
    assert own.owner_id == team["rep"].member_id
    assert Lead.objects.get(pk=own.lead_id).state == "assigned"
    passed_on = capture_lead(actor=team["agent"], captured=CapturedLead(source="web", phone="13800001111"))
    assert passed_on.owner_id == team["rep2"].member_id


def test_what_a_lead_needs(team: Team) -> None:
    with pytest.raises(Invalid) as empty:
        create_lead(actor=team["rep"], values={"need": "tea", "name": "  "})
    assert (empty.value.code, empty.value.fields) == ("lead_empty", {"name": "missing"})
    with pytest.raises(Invalid):
        create_lead(actor=team["manager"], values={"name": "x"}, owner_id=999_999)
    with pytest.raises(PermissionDenied):
        create_lead(actor=team["agent"], values={"name": "x"}, owner_id=team["rep"].member_id)


def test_an_update_is_found_by_its_new_words(rep: Actor) -> None:
    from crm.leads.selectors import find_leads

    lead = create_lead(actor=rep, values={"name": "旧名"})
    update_lead(actor=rep, lead_id=lead.pk, changes={"name": "西湖龙井", "phone": None})
    assert [found.pk for found in find_leads(rep, {"q": "龙井"})] == [lead.pk]
    assert not find_leads(rep, {"q": "旧名"}).exists()
