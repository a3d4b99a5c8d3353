"""What a visitor does: comes, writes, sends a picture, asks for a person, leaves a contact."""

from typing import TYPE_CHECKING, Any

from django.db import transaction

from bots.channels.services import note_inbound
from bots.channels.web.selectors import own_file, person_key, talk_of_visitor
from bots.channels.web.tokens import issue_token, new_visitor, read_token
from bots.channels.web.touches import read_touch
from bots.channels.web.types import KIND, Visitor, WebChannel
from crm.conversations.services import queue_for_person, receive_message
from crm.conversations.types import ChannelRef, Inbound, Received
from crm.customers.types import normalise_phone
from crm.leads.services import capture_lead
from crm.leads.types import CapturedLead
from guanxi.access import Actor, ActorKind
from guanxi.common import clock
from guanxi.common.errors import Invalid
from guanxi.files.services import store_file
from guanxi.tenancy import require_tenant

if TYPE_CHECKING:
    from guanxi.files.models import StoredFile

FILE_PURPOSE = "web_message"
CONSENT_PURPOSE = "contact"
LEAD_SOURCE = "web"
MIN_PHONE_DIGITS, MAX_PHONE_DIGITS = 7, 15


def visitor_actor() -> Actor:
    """Return a visitor as an actor: known to nobody, with no rights of its own."""
    return Actor(kind=ActorKind.VISITOR, tenant=require_tenant(), name="visitor")


def start_visit(*, channel: WebChannel, token: str | None, page: dict[str, str]) -> tuple[Visitor, str]:
    """Return the visitor of a token and a fresh token; whoever brings none, or another channel's, is new."""
    known = read_token(token) if token else None
    visitor = known if known is not None and known.key == channel.key else new_visitor(channel.key, read_touch(**page))
    return visitor, issue_token(visitor)


@transaction.atomic
def write_message(
    *,
    channel: WebChannel,
    visitor: Visitor,
    key: str,
    text: str,
    choice: str | None,
    file_ref: str | None,
    page: dict[str, str],
    language: str,
) -> Received:
    """Store what a visitor wrote, once for each key. Raises Invalid when there is nothing in it."""
    text = text.strip()
    file_id = own_file(visitor, file_ref) if file_ref else None
    if not text and file_id is None:
        raise Invalid("message_empty", "There is nothing to send.", fields={"text": "missing"})
    payload: dict[str, Any] = {"language": language}
    if choice:
        payload["choice"] = choice
    return _receive(channel, visitor, key, text, page, payload, kind="image" if file_id else "text", file_id=file_id)


def _receive(
    channel: WebChannel,
    visitor: Visitor,
    key: str,
    text: str,
    page: dict[str, str],
    payload: dict[str, Any],
    *,
    kind: str = "text",
    file_id: int | None = None,
) -> Received:
    first = talk_of_visitor(channel, visitor) is None
    touch = read_touch(**page)
    inbound = Inbound(
        channel=ChannelRef(channel.id, KIND),
        sender=person_key(channel, visitor),
        dedupe_key=f"{visitor.id}:{key}",
        kind=kind,
        text=text,
        sent_at=clock.now(),
        payload={**payload, "page": touch.get("page", "")},
        file_id=file_id,
        # The very first message tells where the visitor first came from; the later ones where they are now.
        attribution=dict(visitor.first_touch) if first and visitor.first_touch else touch,
    )
    received = receive_message(inbound=inbound)
    if not received.duplicate:
        note_inbound(channel_id=channel.id, sender=visitor.id)
    return received


def keep_upload(*, name: str, content: bytes) -> "StoredFile":
    """Keep a picture that a visitor is about to send."""
    return store_file(actor=visitor_actor(), name=name, content=content, purpose=FILE_PURPOSE)


@transaction.atomic
def ask_for_person(*, channel: WebChannel, visitor: Visitor, key: str, text: str) -> Received:
    """Store the request as a message and queue the talk, unless people have it already."""
    received = _receive(channel, visitor, key, text.strip(), _NO_PAGE, {"asks_for_person": True})
    queue_for_person(conversation_id=received.conversation_id, reason="asked")
    return received


_NO_PAGE = {"url": "", "title": "", "referrer": ""}


@transaction.atomic
def leave_contact(*, channel: WebChannel, visitor: Visitor, key: str, name: str, phone: str, consent: str) -> Received:
    """Store a visitor's name and phone with the sentence they agreed to: as a message, and as a lead."""
    name, digits = " ".join(name.split()), normalise_phone(phone)
    if not name:
        raise Invalid("contact_incomplete", "A name is needed.", fields={"name": "missing"})
    if not (digits.isdecimal() and MIN_PHONE_DIGITS <= len(digits) <= MAX_PHONE_DIGITS):
        raise Invalid("contact_incomplete", "That is not a phone number.", fields={"phone": "invalid"})
    payload = {"contact": {"name": name, "phone": digits}}
    received = _receive(channel, visitor, key, f"{name} {digits}", _NO_PAGE, payload, kind="contact")
    if not received.duplicate:
        proof = {"message_id": received.message_id, "form": "widget"}
        captured = CapturedLead(
            source=LEAD_SOURCE,
            identity_id=received.identity_id,
            conversation_id=received.conversation_id,
            name=name,
            phone=digits,
            touch=dict(visitor.first_touch),
            consent={"channel": KIND, "purpose": CONSENT_PURPOSE, "text_version": consent, "proof": proof},
        )
        capture_lead(actor=visitor_actor(), captured=captured)
    return received
