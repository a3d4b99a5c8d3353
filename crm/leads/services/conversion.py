"""Turns a lead into a customer, a contact and a deal, with all of its history."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction

from crm.activities.services import log_system, show_on
from crm.customers.selectors import access_contact, access_customer
from crm.customers.services import attach_identity, create_contact, create_customer, link_contact
from crm.deals.services import create_deal
from crm.duplicates.services import unchecked
from crm.leads import events
from crm.leads.models import Lead
from crm.leads.selectors import access_lead
from crm.leads.services.assignment import stop_response_clock
from crm.leads.services.common import State, set_state, tell
from crm.leads.types import Conversion
from crm.records.custom import carry_custom, required_later
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict


@transaction.atomic
def convert_lead(
    *,
    actor: Actor,
    lead_id: int,
    customer_id: int | None = None,
    contact_id: int | None = None,
    deal: Mapping[str, Any] | None = None,
) -> Conversion:
    """Convert a lead: to an existing or a new customer and contact, and to a deal when `deal` holds its values.

    The lead's owner stays the owner of what is made; its timeline, conversation and identity go along. Raises Conflict
    for a lead that has been converted already.
    """
    require(actor, "lead.convert")
    lead = access_lead(actor, lead_id, "lead.convert", lock=True)
    if lead.state == State.CONVERTED:
        raise Conflict(
            "lead_converted",
            "This lead has been converted already.",
            params={"customer_id": lead.converted_customer_id},
        )
    customer_pk = access_customer(actor, customer_id).pk if customer_id else _new_customer(actor, lead)
    contact_pk = _contact(actor, lead, contact_id, customer_pk)
    deal_pk = _deal(actor, lead, deal, customer_pk, contact_pk)
    if lead.identity_id:
        attach_identity(actor=actor, identity_id=lead.identity_id, contact_id=contact_pk, customer_id=customer_pk)
    set_state(actor, lead, State.CONVERTED)
    lead.converted_customer_id, lead.converted_contact_id, lead.converted_deal_id = customer_pk, contact_pk, deal_pk
    lead.converted_at = clock.now()
    lead.first_response_at = lead.first_response_at or lead.converted_at
    stop_response_clock(lead)
    lead.save()
    _carry_history(actor, lead, customer_pk, contact_pk, deal_pk)
    record_audit(actor=actor, action="convert", kind="lead", record_id=lead.pk)
    tell(
        actor,
        lead,
        events.LEAD_CONVERTED,
        customer_id=customer_pk,
        contact_id=contact_pk,
        deal_id=deal_pk,
        owner_id=lead.owner_id,
    )
    return Conversion(lead.pk, customer_pk, contact_pk, deal_pk)


def _maker(actor: Actor, lead: Lead) -> Actor:
    # Who may convert a lead may make what it becomes, also for the lead's owner, and what is masked goes along whole.
    mine = lead.owner_id in (None, actor.member_id)
    return replace(actor, field_modes={}) if mine else Actor.system(f"conversion of lead {lead.pk}")


def _new_customer(actor: Actor, lead: Lead) -> int:
    values = {
        "name": lead.company or lead.name or lead.phone or lead.wechat,
        "kind": "company" if lead.company else "person",
        "phone": lead.phone,
        "email": lead.email,
        "city": lead.city,
        "source": lead.source,
        "tags": lead.tags,
        "custom": carry_custom(lead.custom, source="lead", target="customer"),
        "description": lead.need,
    }
    with required_later(), unchecked():
        return create_customer(actor=_maker(actor, lead), values=values, owner_id=lead.owner_id).pk


def _contact(actor: Actor, lead: Lead, contact_id: int | None, customer_id: int) -> int:
    if contact_id is not None:
        contact = access_contact(actor, contact_id)
        link_contact(actor=_maker(actor, lead), contact_id=contact.pk, customer_id=customer_id)
        return contact.pk
    values = {
        "name": lead.name or lead.company or lead.phone or lead.wechat,
        "title": lead.title,
        "phone": lead.phone,
        "email": lead.email,
        "wechat": lead.wechat,
        "source": lead.source,
    }
    maker = _maker(actor, lead)
    with required_later(), unchecked():
        return create_contact(actor=maker, values=values, customer_id=customer_id, owner_id=lead.owner_id).pk


def _deal(actor: Actor, lead: Lead, deal: Mapping[str, Any] | None, customer_id: int, contact_id: int) -> int | None:
    if deal is None:
        return None
    values = {
        "description": lead.need,
        "source": lead.source,
        **deal,
        "customer_id": customer_id,
        "contact_id": contact_id,
    }
    pipeline_id = values.pop("pipeline_id", None)
    maker = _maker(actor, lead)
    with required_later():
        return create_deal(actor=maker, values=values, pipeline_id=pipeline_id, owner_id=lead.owner_id).pk


def _carry_history(actor: Actor, lead: Lead, customer_id: int, contact_id: int, deal_id: int | None) -> None:
    also_on = [("customer", customer_id), ("contact", contact_id)] + ([("deal", deal_id)] if deal_id else [])
    for record in also_on:
        show_on(record=("lead", lead.pk), also_on=record)
    data = {"lead_id": lead.pk, "customer_id": customer_id, "contact_id": contact_id, "deal_id": deal_id}
    log_system(actor=actor, event=events.LEAD_CONVERTED, record=("lead", lead.pk), data=data, also_on=also_on)
