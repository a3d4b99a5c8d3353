"""Values of custom fields: what is taken, what is refused, what is computed, on every way into a record."""

from typing import Any

import pytest

from crm.customers.selectors import find_customers
from crm.customers.services import create_contact, create_customer, update_customer
from crm.deals.selectors import find_deals
from crm.deals.services import create_deal, update_deal
from crm.leads.models import Lead
from crm.leads.services import capture_lead, convert_lead, create_lead
from crm.leads.types import CapturedLead
from crm.records.fields import fields_of
from guanxi.access import Actor
from guanxi.audit.models import AuditEntry
from guanxi.common.errors import Invalid
from guanxi.customfields.models import CustomField, CustomUnique, CustomValue
from guanxi.customfields.services import archive_field, update_field
from guanxi.files.services import store_file
from tests.crm.custom.makers import customer, field
from tests.people import Team

OPTIONS = [{"label": "绿茶"}, {"label": "红茶"}, {"label": "普洱"}]


def faults(caught: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return caught.value.fields


@pytest.mark.parametrize(
    ("type_", "given", "kept"),
    [
        ("text", "  hello ", "hello"),
        ("long_text", "a\nb", "a\nb"),
        ("number", "1,200", 1200),
        ("number", 3.5, 3.5),
        ("number", 5.0, 5),
        ("money", "12.5", "12.50"),
        ("money", 7, "7.00"),
        ("date", "2026-03-01", "2026-03-01"),
        ("datetime", "2026-03-01T08:00:00+08:00", "2026-03-01T00:00:00+00:00"),
        ("boolean", False, False),
        ("choice", "o2", "o2"),
        ("choices", ["o3", "o1"], ["o1", "o3"]),
        ("phone", "138-0013 8000", "13800138000"),
        ("email", "A@Example.com", "a@example.com"),
        ("link", "example.com/x", "https://example.com/x"),
    ],
)
def test_kept_as(rep: Actor, type_: str, given: Any, kept: Any) -> None:
    field(type_, "f", options=OPTIONS if type_.startswith("choice") else [])
    made = customer(rep, f=given)
    made.refresh_from_db()
    assert made.custom == {"f": kept}


@pytest.mark.parametrize(
    ("type_", "given", "code"),
    [
        ("text", 5, "not_a_text"),
        ("text", "x" * 501, "too_long"),
        ("text", "a\x00b", "not_a_text"),
        ("number", "many", "not_a_number"),
        ("number", True, "not_a_number"),
        ("number", "NaN", "not_a_number"),
        ("number", "1e30", "too_large"),
        ("number", 1.234, "too_many_decimals"),
        ("money", "1.005", "too_many_decimals"),
        ("date", "soon", "not_a_date"),
        ("datetime", "soon", "not_a_datetime"),
        ("boolean", "yes", "not_a_boolean"),
        ("choice", "o9", "unknown_option"),
        ("choices", ["o1", "o9"], "unknown_option"),
        ("choices", [{}], "unknown_option"),
        ("choice", {"a": 1}, "unknown_option"),
        ("member", 999_999, "not_found"),
        ("member", True, "not_found"),
        ("department", 999_999, "not_found"),
        ("file", 999_999, "not_found"),
        ("phone", "call me", "not_a_phone"),
        ("email", "nobody", "not_an_email"),
        ("link", "javascript:alert(1)", "not_a_link"),
        ("link", "no link", "not_a_link"),
    ],
)
def test_refused_with_a_code(rep: Actor, type_: str, given: Any, code: str) -> None:
    field(type_, "f", options=OPTIONS if type_.startswith("choice") else [])
    with pytest.raises(Invalid) as caught:
        customer(rep, f=given)
    assert faults(caught) == {"custom.f": code}


def test_merge_by_key(rep: Actor) -> None:
    field("text", "a")
    field("text", "b")
    made = customer(rep, a="1", b="2")
    update_customer(actor=rep, customer_id=made.pk, changes={"custom": {"a": "3"}})
    made.refresh_from_db()
    assert made.custom == {"a": "3", "b": "2"}
    update_customer(actor=rep, customer_id=made.pk, changes={"custom": {"b": None}})
    made.refresh_from_db()
    assert made.custom == {"a": "3"}
    with pytest.raises(Invalid) as caught:
        update_customer(actor=rep, customer_id=made.pk, changes={"custom": {"zzz": 1, "a": 5}})
    assert faults(caught) == {"custom.zzz": "unknown_field", "custom.a": "not_a_text"}


def test_required(team: Team) -> None:
    rep = team["rep"]
    old = customer(rep)
    field("text", "a", required=True)
    with pytest.raises(Invalid) as caught:
        customer(rep)
    assert faults(caught) == {"custom.a": "required"}
    # A record from before the field stays editable, until somebody has filled it.
    update_customer(actor=rep, customer_id=old.pk, changes={"name": "Newer"})
    update_customer(actor=rep, customer_id=old.pk, changes={"custom": {"a": "x"}})
    with pytest.raises(Invalid):
        update_customer(actor=rep, customer_id=old.pk, changes={"custom": {"a": "  "}})


def test_shown_when(rep: Actor) -> None:
    field("choice", "tea", options=OPTIONS)
    field("text", "cake", required=True, show_when={"field": "custom.tea", "op": "in", "value": ["o3"]})
    field("text", "of_firm", required=True, show_when={"field": "kind", "op": "eq", "value": "person"})
    made = customer(rep, tea="o1")
    with pytest.raises(Invalid) as caught:
        update_customer(actor=rep, customer_id=made.pk, changes={"custom": {"tea": "o3"}})
    assert faults(caught) == {"custom.cake": "required"}
    with pytest.raises(Invalid) as caught:
        update_customer(actor=rep, customer_id=made.pk, changes={"kind": "person"})
    assert faults(caught) == {"custom.of_firm": "required"}


def test_defaults(rep: Actor) -> None:
    field("choice", "tea", options=OPTIONS, default="o2")
    field("member", "who", default="me")
    made = customer(rep)
    assert made.custom == {"tea": "o2", "who": rep.member_id}
    assert customer(rep, tea=None).custom == {"who": rep.member_id}


def test_captured_leads_get_defaults_and_numbers(team: Team) -> None:
    field("choice", "tea", kind="lead", options=OPTIONS, default="o2", filterable=True)
    field("auto_number", "no", kind="lead", config={"prefix": "L-", "digits": 3})
    field("text", "must", kind="lead", required=True)
    captured = capture_lead(
        actor=Actor.assistant(), captured=CapturedLead(name="王", phone="13800138000", source="web")
    )
    assert Lead.objects.get(pk=captured.lead_id).custom == {"tea": "o2", "no": "L-001"}
    assert CustomValue.objects.filter(record_id=captured.lead_id, text="o2").exists()


def test_formula_follows_every_field_that_it_reads(rep: Actor) -> None:
    field("money", "cost", kind="deal")
    field("formula", "margin", kind="deal", config={"formula": "round(({amount} - {custom.cost}) / {amount} * 100, 1)"})
    deal = create_deal(actor=rep, values={"name": "D", "amount": 200, "custom": {"cost": "50"}})
    assert deal.custom["margin"] == 75
    update_deal(actor=rep, deal_id=deal.pk, changes={"amount": 100})
    deal.refresh_from_db()
    assert deal.custom == {"cost": "50.00", "margin": 50}
    update_deal(actor=rep, deal_id=deal.pk, changes={"amount": 0})
    deal.refresh_from_db()
    assert deal.custom == {"cost": "50.00"}
    with pytest.raises(Invalid) as caught:
        update_deal(actor=rep, deal_id=deal.pk, changes={"custom": {"margin": 3}})
    assert faults(caught) == {"custom.margin": "read_only"}


def test_unique_names_the_holder_to_whoever_may_know(team: Team) -> None:
    field("text", "tax", unique=True)
    first = customer(team["rep"], tax="  91330106MA2 ")
    with pytest.raises(Invalid) as caught:
        customer(team["rep"], tax="91330106ma2")
    assert faults(caught) == {"custom.tax": "not_unique"}
    assert caught.value.params["record_id"] == first.pk
    with pytest.raises(Invalid) as caught:
        customer(team["rep2"], tax="91330106MA2")
    assert "record_id" not in caught.value.params and "title" not in caught.value.params
    # Who lets go of a value leaves it to others.
    update_customer(actor=team["rep"], customer_id=first.pk, changes={"custom": {"tax": None}})
    customer(team["rep2"], tax="91330106MA2")
    assert CustomUnique.objects.count() == 1


def test_a_program_may_send_back_what_it_has_read(rep: Actor) -> None:
    field("auto_number", "no")
    tea = field("choice", "tea", options=OPTIONS)
    made = customer(rep, tea="o1")
    update_field(actor=Actor.system("t"), field_id=tea.pk, changes={"options": [{"id": "o2", "label": "红茶"}]})
    whole = dict(made.custom)
    changed = update_customer(actor=rep, customer_id=made.pk, changes={"custom": whole, "city": "杭州"})
    assert changed.custom == whole
    with pytest.raises(Invalid):
        customer(rep, tea="o1")


def test_audit_names_each_field(rep: Actor) -> None:
    field("text", "a")
    field("text", "b")
    made = customer(rep, a="1", b="2")
    update_customer(actor=rep, customer_id=made.pk, changes={"custom": {"a": "3"}})
    entry = AuditEntry.objects.filter(kind="customer", record_id=made.pk, action="update").get()
    assert entry.changes == {"custom.a": ["1", "3"]}


def test_references(team: Team) -> None:
    rep = team["rep"]
    field("relation", "parent_firm", config={"relation": "customer"})
    field("file", "contract")
    mine, theirs = customer(rep, "Mine"), customer(team["rep2"], "Theirs")
    stored = store_file(actor=rep, name="a.txt", content=b"text", purpose="custom_field")
    made = customer(rep, "Third", parent_firm=mine.pk, contract=stored.pk)
    assert made.custom == {"parent_firm": mine.pk, "contract": stored.pk}
    with pytest.raises(Invalid) as caught:
        customer(rep, "Fourth", parent_firm=theirs.pk)
    assert faults(caught) == {"custom.parent_firm": "not_found"}
    with pytest.raises(Invalid):
        customer(team["rep2"], "Fifth", contract=stored.pk)


def test_conversion_carries_what_both_kinds_know(team: Team) -> None:
    for kind in ("lead", "customer"):
        field("text", "origin", kind=kind)
    field("text", "only_lead", kind="lead")
    field("text", "must", required=True)
    lead = create_lead(actor=team["rep"], values={"name": "王", "custom": {"origin": "展会", "only_lead": "x"}})
    done = convert_lead(actor=team["rep"], lead_id=lead.pk)
    from crm.customers.models import Customer

    assert Customer.objects.get(pk=done.customer_id).custom == {"origin": "展会"}


def test_archived_fields_keep_their_values(rep: Actor) -> None:
    made = field("text", "a", filterable=True)
    one = customer(rep, a="1")
    archive_field(actor=Actor.system("t"), field_id=made.pk)
    with pytest.raises(Invalid):
        customer(rep, a="2")
    update_customer(actor=rep, customer_id=one.pk, changes={"name": "Other"})
    one.refresh_from_db()
    assert one.custom == {"a": "1"}
    assert "custom.a" not in fields_of("customer")


def test_catalogue(rep: Actor) -> None:
    field("choice", "tea", options=OPTIONS, filterable=True, label="茶类")
    field("formula", "twice", config={"formula": "1 + 1"})
    fields = fields_of("customer")
    assert fields["custom.tea"].choices == ("o1", "o2", "o3") and fields["custom.tea"].filterable
    assert fields["custom.tea"].label == "茶类" and fields["custom.tea"].is_custom
    assert not fields["custom.twice"].editable
    assert "custom.tea" not in fields_of("contact")
    assert create_contact(actor=rep, values={"name": "C"}).custom == {}
    assert create_customer(actor=rep, values={"name": "D"}).custom == {"twice": 2}
    assert CustomField.objects.count() == 2


def test_found_by_searchable_fields(team: Team) -> None:
    old = customer(team["rep"], "Old")
    field("text", "nick", searchable=True)
    field("auto_number", "no", searchable=True, config={"prefix": "KH-", "digits": 4})
    made = customer(team["rep"], nick="龙井大户")
    assert list(find_customers(team["rep"], {"q": "大户"})) == [made]
    assert list(find_customers(team["rep"], {"q": "0001"})) == [made]
    update_customer(actor=team["rep"], customer_id=old.pk, changes={"custom": {"nick": "普洱大户"}})
    assert list(find_customers(team["rep"], {"q": "普洱"})) == [old]
    deal = create_deal(actor=team["rep"], values={"name": "D"})
    field("text", "tender", kind="deal", searchable=True)
    update_deal(actor=team["rep"], deal_id=deal.pk, changes={"custom": {"tender": "招标2026"}})
    assert list(find_deals(team["rep"], {"q": "招标"})) == [deal]
