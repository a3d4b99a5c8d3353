"""A lead's way: every step that is allowed and every one that is not; conversion once, with all that was known."""

from datetime import timedelta
from itertools import product

import pytest

from crm.activities.selectors import timeline
from crm.activities.services import log_activity
from crm.customers.models import Contact, Customer, Identity
from crm.deals.models import Deal
from crm.leads.models import Lead
from crm.leads.services import change_lead_state, convert_lead, create_lead
from crm.leads.services.common import ALLOWED
from crm.records.models import StateChange
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound
from guanxi.events.models import OutboxEvent
from guanxi.tenancy import TenantRef
from tests.crm.makers import at_once, captured, settle, talk, written
from tests.people import Team

BY_HAND = ("contacting", "qualified", "nurturing", "invalid")
STATES = [state.value for state in Lead.State]


@pytest.mark.parametrize(("before", "to"), list(product(STATES, BY_HAND)))
def test_every_step(rep: Actor, before: str, to: str) -> None:
    lead = create_lead(actor=rep, values={"name": "x"})
    Lead.objects.filter(pk=lead.pk).update(state=before)
    steps = StateChange.objects.filter(kind="lead", record_id=lead.pk).count()
    if before != to and to not in ALLOWED[before]:
        with pytest.raises(Conflict) as refused:
            change_lead_state(actor=rep, lead_id=lead.pk, state=to, reason="because")
        assert refused.value.params == {"from": before, "to": to}
        assert Lead.objects.get(pk=lead.pk).state == before
        return
    assert change_lead_state(actor=rep, lead_id=lead.pk, state=to, reason="because").state == to
    made = StateChange.objects.filter(kind="lead", record_id=lead.pk).count() - steps
    assert made == (0 if before == to else 1), "a step to where it is already is none"


def test_the_table_of_steps_is_the_one_of_the_domain() -> None:
    assert ALLOWED["converted"] == set()
    assert "new" not in set().union(*ALLOWED.values()), "nothing becomes new again"
    assert all("converted" not in ALLOWED[state] for state in ("nurturing", "invalid"))


def test_reasons_and_times(rep: Actor) -> None:
    lead = create_lead(actor=rep, values={"name": "x"})
    for state in ("invalid", "nurturing"):
        with pytest.raises(Invalid) as missing:
            change_lead_state(actor=rep, lead_id=lead.pk, state=state, reason=" ")
        assert missing.value.fields == {"reason": "missing"}
    with pytest.raises(Invalid):
        change_lead_state(actor=rep, lead_id=lead.pk, state="converted")
    start = clock.now()
    with clock.at(start + timedelta(hours=1)):
        Lead.objects.filter(pk=lead.pk).update(updated_at=clock.now())
    with clock.at(start + timedelta(hours=2)):
        change_lead_state(actor=rep, lead_id=lead.pk, state="contacting")
    step = StateChange.objects.filter(kind="lead", record_id=lead.pk).order_by("-id")[0]
    assert step.before == "assigned" and step.actor_id == rep.member_id
    assert abs((step.seconds_before or 0) - 7200) <= 1, "an edit in between does not make the stay shorter"


def test_converting_carries_everything_along(team: Team) -> None:
    rep = team["rep"]
    received = written("我要 100 盒", who="buyer")
    lead_id = captured(
        identity_id=received.identity_id, conversation_id=received.conversation_id, name="王五", company="五洲茶业",
        phone="13900003333", need="100 盒", city="杭州",
    ).lead_id  # fmt: skip
    Lead.objects.filter(pk=lead_id).update(owner_id=rep.member_id, owner_department_path=rep.department_path)
    note = log_activity(actor=rep, kind="note", record=("lead", lead_id), body="wants samples")
    made = convert_lead(actor=team["manager"], lead_id=lead_id, deal={"name": "100 盒", "amount": 5000})
    settle()
    assert made.deal_id is not None
    customer, contact = Customer.objects.get(pk=made.customer_id), Contact.objects.get(pk=made.contact_id)
    deal, lead = Deal.objects.get(pk=made.deal_id), Lead.objects.get(pk=lead_id)
    assert {record.owner_id for record in (customer, contact, deal, lead)} == {rep.member_id}
    assert (customer.name, customer.city, contact.name, contact.phone) == ("五洲茶业", "杭州", "王五", "13900003333")
    assert (deal.customer_id, deal.contact_id, deal.description) == (customer.pk, contact.pk, "100 盒")
    assert (lead.state, lead.converted_customer_id) == ("converted", customer.pk)
    identity = Identity.objects.get(pk=received.identity_id)
    assert (identity.contact_id, identity.customer_id) == (contact.pk, customer.pk)
    conversation = talk(received)
    assert (conversation.customer_id, conversation.contact_id) == (customer.pk, contact.pk)
    assert conversation.owner_id == rep.member_id
    for record in (("customer", customer.pk), ("contact", contact.pk), ("deal", deal.pk)):
        shown = timeline(rep, *record)
        assert note.pk in shown.values_list("activity_id", flat=True), record
        assert "lead.converted" in shown.values_list("activity__event", flat=True), record


def test_converting_to_what_is_there(team: Team) -> None:
    from crm.customers.services import create_contact, create_customer

    rep = team["rep"]
    customer = create_customer(actor=rep, values={"name": "Known"})
    contact = create_contact(actor=rep, values={"name": "Known person"})
    lead = create_lead(actor=rep, values={"name": "x"})
    foreign = create_customer(actor=team["rep2"], values={"name": "Not mine"})
    with pytest.raises(NotFound):
        convert_lead(actor=rep, lead_id=lead.pk, customer_id=foreign.pk)
    assert Lead.objects.get(pk=lead.pk).state == "assigned"
    made = convert_lead(actor=rep, lead_id=lead.pk, customer_id=customer.pk, contact_id=contact.pk)
    assert (made.customer_id, made.contact_id, made.deal_id) == (customer.pk, contact.pk, None)
    assert contact.customers.get() == customer


def test_a_second_conversion_is_refused(rep: Actor) -> None:
    lead = create_lead(actor=rep, values={"name": "x"})
    first = convert_lead(actor=rep, lead_id=lead.pk)
    with pytest.raises(Conflict) as refused:
        convert_lead(actor=rep, lead_id=lead.pk)
    assert (refused.value.code, refused.value.params) == ("lead_converted", {"customer_id": first.customer_id})
    assert Customer.objects.count() == 1


@pytest.mark.committed
def test_two_conversions_at_once_make_one_customer(alpha: TenantRef, rep: Actor) -> None:
    lead = create_lead(actor=rep, values={"name": "x", "phone": "13900004444"})
    found = at_once(alpha, *[lambda: convert_lead(actor=rep, lead_id=lead.pk, deal={"name": "d"})] * 3)
    refused = [fault for fault in found if isinstance(fault, Exception)]
    assert [type(fault) for fault in refused] == [Conflict] * 2, found
    assert (Customer.objects.count(), Contact.objects.count(), Deal.objects.count()) == (1, 1, 1)
    assert OutboxEvent.objects.filter(kind="lead.converted").count() == 1
