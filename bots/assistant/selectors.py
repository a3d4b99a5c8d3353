"""Reads what the assistant needs to know of a talk and its person, and what it has decided."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from bots.assistant.models import Answer
from bots.assistant.types import Incoming, Person, Turn
from crm.conversations.selectors import access_conversation, talk_since_resolve
from crm.customers.selectors import access_customer, identities_of_contact
from crm.deals.selectors import find_deals
from crm.leads.selectors import access_lead
from guanxi.access import Actor, allows
from guanxi.common.errors import NotFound

if TYPE_CHECKING:
    from crm.conversations.models import Conversation, Message

VIP_LEVEL = "A"
HISTORY = 6
_REACHABLE = {"phone", "email"}


def incoming_of(message: "Message") -> Incoming:
    """Return a stored message as the dialogue takes it; channels name a tapped item `choice` or `menu_item`."""
    payload = message.payload or {}
    contact = payload.get("contact")
    return Incoming(
        text=message.text,
        kind=message.kind,
        choice=str(payload.get("choice") or payload.get("menu_item") or ""),
        contact={str(name): str(value) for name, value in contact.items()} if isinstance(contact, dict) else {},
        event=str(payload.get("event") or ""),
    )


def person_of(conversation: "Conversation") -> Person:
    """Return what the records know of the person on the other side."""
    actor = Actor.assistant()
    reachable = _lead_reachable(actor, conversation.lead_id)
    if conversation.contact_id and not reachable:
        reachable = identities_of_contact(conversation.contact_id).filter(kind__in=_REACHABLE).exists()
    if not conversation.customer_id:
        return Person(reachable=reachable)
    try:
        customer = access_customer(actor, conversation.customer_id)
    except NotFound:
        return Person(reachable=reachable)
    open_deals = find_deals(actor, {"customer_id": customer.pk, "kind": "open"}).filter(stage__kind="open")
    return Person(
        reachable=reachable,
        vip=customer.level == VIP_LEVEL,
        open_deal=open_deals.exists(),
        owner_id=customer.owner_id or conversation.owner_id,
    )


def _lead_reachable(actor: Actor, lead_id: int | None) -> bool:
    if not lead_id:
        return False
    try:
        lead = access_lead(actor, lead_id)
    except NotFound:
        return False
    return bool(lead.phone or lead.wechat or lead.email)


def history_of(conversation_id: int, before_message_id: int) -> list[Turn]:
    """Return the last turns of the talk before a message, oldest first."""
    rows = [row for row in talk_since_resolve(conversation_id) if row.pk < before_message_id and row.text]
    return [Turn(row.direction == "in", row.text[:500]) for row in rows[-HISTORY:]]


def answers_of(actor: Actor, conversation_id: int) -> QuerySet[Answer]:
    """Return what the assistant decided in a talk that the actor may read, newest first."""
    access_conversation(actor, conversation_id)
    return Answer.objects.filter(conversation_id=conversation_id).order_by("-id")


def recent_answers(actor: Actor) -> QuerySet[Answer]:
    """Return all decisions, for the assistant's page."""
    return Answer.objects.all() if allows(actor, "assistant.read") else Answer.objects.none()


def answered_already(message_ids: Sequence[int]) -> set[int]:
    """Return those of the messages that the assistant has decided about."""
    return set(Answer.objects.filter(message_id__in=message_ids).values_list("message_id", flat=True))
