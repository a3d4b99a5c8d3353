"""Joins a talk to the records of its person, by a colleague's word."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction

from crm.conversations.models import Conversation
from crm.conversations.selectors import access_conversation
from crm.conversations.services.handling import link_conversation
from crm.conversations.services.machine import lock_conversation
from crm.customers.selectors import access_contact, access_customer
from crm.customers.services import attach_identity
from crm.leads.selectors import access_lead
from crm.leads.services import capture_lead
from crm.leads.types import CapturedLead
from guanxi.access import Actor, require
from guanxi.common.errors import Invalid

ENOUGH = ("name", "company", "phone", "email", "wechat", "need")
LEARNED = (*ENOUGH, "city", "budget", "timing")


@transaction.atomic
def link_person(
    *,
    actor: Actor,
    conversation_id: int,
    lead_id: int | None = None,
    contact_id: int | None = None,
    customer_id: int | None = None,
) -> Conversation:
    """Say who the person on the other side is: each record must be in the actor's sight. A contact keeps the person's
    identity, so that the next talk knows it at once.
    """
    require(actor, "conversation.reply")
    conversation = access_conversation(actor, conversation_id, "conversation.reply")
    # The talk is locked before its person, as by whoever writes in it.
    lock_conversation(conversation_id)
    owner_id = None
    if lead_id is not None:
        owner_id = access_lead(actor, lead_id).owner_id
    if customer_id is not None:
        owner_id = access_customer(actor, customer_id).owner_id or owner_id
    if contact_id is not None:
        contact = access_contact(actor, contact_id)
        owner_id = owner_id or contact.owner_id
        attach_identity(
            actor=actor, identity_id=conversation.identity_id, contact_id=contact_id, customer_id=customer_id
        )
    return link_conversation(
        conversation_id=conversation_id,
        lead_id=lead_id,
        contact_id=contact_id,
        customer_id=customer_id,
        owner_id=owner_id,
    )


@transaction.atomic
def lead_of_talk(*, actor: Actor, conversation_id: int, values: Mapping[str, str]) -> Conversation:
    """Make a lead of what was learned in a talk, or add it to the person's open one; the talk is joined to it at once.

    Raises Invalid without anything that was learned.
    """
    require(actor, "lead.create")
    conversation = access_conversation(actor, conversation_id)
    if not any(values.get(name, "").strip() for name in ENOUGH):
        raise Invalid("lead_empty", "Nothing is known yet. Nothing was saved.", fields={"name": "missing"})
    touch = conversation.attribution.get("last") or conversation.attribution
    captured = CapturedLead(
        source=conversation.channel_kind,
        identity_id=conversation.identity_id,
        conversation_id=conversation.pk,
        touch=dict(touch) if isinstance(touch, dict) else {},
    )
    learned: dict[str, Any] = {name: values[name].strip() for name in LEARNED if values.get(name)}
    capture = capture_lead(actor=actor, captured=replace(captured, **learned))
    return link_conversation(conversation_id=conversation.pk, lead_id=capture.lead_id, owner_id=capture.owner_id)
