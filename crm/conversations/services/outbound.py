"""Sends messages: by the assistant, by a member, and the delivery itself."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from crm.conversations import events
from crm.conversations.models import Conversation, Message
from crm.conversations.selectors import access_conversation
from crm.conversations.services.inbound import PREVIEW
from crm.conversations.services.machine import announce, lock_conversation, taken_over_at, transition
from crm.outreach.selectors import sender_of
from crm.outreach.services import close_window, record_touch, take_send
from crm.outreach.types import OutboundMessage, Receipt, SendFault
from crm.records.search import search_keys
from guanxi.access import Actor, require
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound
from guanxi.common.ids import new_token
from guanxi.files.selectors import access_file

State = Conversation.State
MAX_TEXT = 4000
MAX_ATTEMPTS = 5
SENDING_LEASE = timedelta(seconds=45)


def _write(
    conversation: Conversation, *, key: str, sender: str, kind: str, text: str, state: str, **more: Any
) -> Message:
    now = clock.now()
    message = Message.objects.create(
        conversation=conversation,
        channel_id=conversation.channel_id,
        dedupe_key=key,
        direction=Message.Direction.OUT,
        sender=sender,
        kind=kind,
        text=text,
        state=state,
        sent_at=now,
        created_at=now,
        search_keys=search_keys(text[:500]),
        **more,
    )
    if kind != "note":
        conversation.last_message_at = now
        conversation.last_message_preview = text[:PREVIEW] or f"[{kind}]"
    conversation.updated_at = now
    conversation.version += 1
    return message


@transaction.atomic
def send_bot_message(
    *,
    conversation_id: int,
    key: str,
    text: str,
    kind: str = "text",
    payload: dict[str, Any] | None = None,
    generated: bool = False,
    sources: list[dict[str, Any]] | None = None,
    passive: bool = False,
) -> Message | None:
    """Let the assistant say something; return None, and say nothing, when a person has the word by now.

    The state is read again under the row lock. `key` makes a repeated call return the first message. A `passive`
    message travels in the answer to the callback itself and takes nothing from the window; another one raises
    SendRefused when the bot's share is used up.
    """
    conversation = lock_conversation(conversation_id)
    known = Message.objects.filter(channel_id=conversation.channel_id, dedupe_key=key).first()
    if known is not None:
        return known
    if conversation.state != State.BOT:
        return None
    if not passive:
        take_send(
            channel_id=conversation.channel_id,
            channel_kind=conversation.channel_kind,
            identity_id=conversation.identity_id,
            by_bot=True,
        )
    state = Message.State.SENT if passive else Message.State.PENDING
    message = _write(
        conversation,
        key=key,
        sender=Message.Sender.ASSISTANT,
        kind=kind,
        text=text,
        state=state,
        payload=payload or {},
        generated=generated,
        sources=sources or [],
    )
    conversation.unread_count = 0
    conversation.save()
    kind_of_event = events.MESSAGE_SENT if passive else events.MESSAGE_QUEUED
    announce(
        conversation, kind_of_event, actor=Actor.assistant(), data={"message_id": message.pk, "sender": "assistant"}
    )
    return message


@transaction.atomic
def send_member_message(
    *,
    actor: Actor,
    conversation_id: int,
    text: str = "",
    kind: str = "text",
    payload: dict[str, Any] | None = None,
    file_id: int | None = None,
    key: str = "",
) -> Message:
    """Send what a member wrote; who answers a talk that the assistant or the queue holds takes it over by that.

    Raises SendRefused when the channel's window is closed or used up, Invalid for an empty or too long text.
    """
    require(actor, "conversation.reply")
    access_conversation(actor, conversation_id, "conversation.reply")
    text = text.strip()
    if not text and file_id is None:
        raise Invalid("message_empty", "There is nothing to send.", fields={"text": "missing"})
    if len(text) > MAX_TEXT:
        raise Invalid("message_too_long", f"A message has at most {MAX_TEXT} characters.", fields={"text": "too_long"})
    if file_id is not None:
        # What a member may not open must not reach them, or anybody, by way of a talk.
        access_file(actor, file_id)
    conversation = lock_conversation(conversation_id)
    key = f"m:{actor.member_id}:{key}" if key else new_token("m:", 12)
    known = Message.objects.filter(channel_id=conversation.channel_id, dedupe_key=key).first()
    if known is not None:
        return known
    if conversation.state != State.OPEN:
        transition(conversation, State.OPEN, actor=actor, reason="answered")
    if conversation.assignee_id is None:
        conversation.assignee_id = actor.member_id
    take_send(
        channel_id=conversation.channel_id,
        channel_kind=conversation.channel_kind,
        identity_id=conversation.identity_id,
        by_bot=False,
    )
    message = _write(
        conversation,
        key=key,
        sender=Message.Sender.MEMBER,
        kind=kind,
        text=text,
        state=Message.State.PENDING,
        payload=payload or {},
        file_id=file_id,
        member_id=actor.member_id,
    )
    conversation.waiting_since, conversation.unread_count = None, 0
    conversation.first_replied_at = conversation.first_replied_at or clock.now()
    conversation.save()
    announce(conversation, events.MESSAGE_QUEUED, actor=actor, data={"message_id": message.pk, "sender": "member"})
    return message


@transaction.atomic
def add_note(*, actor: Actor, conversation_id: int, text: str) -> Message:
    """Write a note that only colleagues see."""
    require(actor, "conversation.reply")
    access_conversation(actor, conversation_id)
    if not text.strip():
        raise Invalid("message_empty", "There is nothing to keep.", fields={"text": "missing"})
    conversation = lock_conversation(conversation_id)
    message = _write(
        conversation,
        key=new_token("n:", 12),
        sender=Message.Sender.MEMBER,
        kind="note",
        text=text.strip(),
        state=Message.State.SENT,
        member_id=actor.member_id,
    )
    conversation.save()
    announce(conversation, events.NOTE_ADDED, actor=actor, data={"message_id": message.pk})
    return message


def deliver_message(*, message_id: int) -> float | None:
    """Hand a waiting message to its channel; return after how many seconds to try again, None when it is finished.

    The lease is committed before the channel is called, so that two workers never send the same message, and a killed
    worker's message goes out again after the lease.
    """
    message = _lease(message_id)
    if not isinstance(message, Message):
        return message
    conversation = message.conversation
    outbound = OutboundMessage(
        message_id=message.pk,
        kind=message.kind,
        text=message.text,
        payload=message.payload,
        file_id=message.file_id,
        by_person=message.sender == Message.Sender.MEMBER,
        generated=message.generated,
    )
    try:
        sender = sender_of(conversation.channel_kind)
        receipt = sender.send(
            channel_id=conversation.channel_id, identity_id=conversation.identity_id, message=outbound
        )
    except SendFault as fault:
        return _failed(message, fault)
    except Conflict as refusal:
        return _failed(message, SendFault(refusal.code, refusal.detail))
    _sent(message, receipt)
    return None


@transaction.atomic
def _lease(message_id: int) -> Message | float | None:
    """Return the message, leased; the seconds to wait when another worker has it; None when there is nothing to send
    any more.
    """
    rows = Message.objects.select_for_update(of=("self",)).select_related("conversation")
    message = rows.filter(pk=message_id, state=Message.State.PENDING).first()
    if message is None:
        return None
    now = clock.now()
    if message.leased_until is not None and message.leased_until > now:
        return (message.leased_until - now).total_seconds() + 1
    if message.sender == Message.Sender.ASSISTANT and _person_took_over(message):
        _failed(message, SendFault("taken_over"))
        return None
    message.attempts += 1
    message.leased_until = now + SENDING_LEASE
    message.save(update_fields=["attempts", "leased_until"])
    return message


def _person_took_over(message: Message) -> bool:
    """Return whether somebody took the word after the assistant had written this and before it went out."""
    conversation = lock_conversation(message.conversation_id)
    if conversation.state not in {State.OPEN, State.SNOOZED}:
        return False
    since = taken_over_at(conversation.pk)
    return since is not None and since >= message.created_at


@transaction.atomic
def _sent(message: Message, receipt: Receipt) -> None:
    conversation = lock_conversation(message.conversation_id)
    message.state = Message.State.DELIVERED if receipt.delivered else Message.State.SENT
    message.error, message.leased_until, message.sent_at = "", None, clock.now()
    if receipt.external_id:
        message.payload = {**message.payload, "external_id": receipt.external_id}
    message.save(update_fields=["state", "error", "leased_until", "sent_at", "payload"])
    record_touch(
        channel_id=message.channel_id,
        identity_id=conversation.identity_id,
        message_id=message.pk,
        purpose="service",
        outcome="sent",
    )
    announce(conversation, events.MESSAGE_SENT, actor=None, data={"message_id": message.pk, "sender": message.sender})


@transaction.atomic
def _failed(message: Message, fault: SendFault) -> float | None:
    conversation = lock_conversation(message.conversation_id)
    if fault.closes_window:
        close_window(channel_id=message.channel_id, identity_id=conversation.identity_id, reason=fault.code)
    again = fault.retry_after if message.attempts < MAX_ATTEMPTS else None
    message.leased_until, message.error = None, fault.code
    if again is None:
        message.state = Message.State.FAILED
    message.save(update_fields=["state", "error", "leased_until"])
    if again is None:
        record_touch(
            channel_id=message.channel_id,
            identity_id=conversation.identity_id,
            message_id=message.pk,
            purpose="service",
            outcome="failed",
            reason=fault.code,
        )
        announce(conversation, events.MESSAGE_FAILED, actor=None, data={"message_id": message.pk, "code": fault.code})
    return again


@transaction.atomic
def retry_message(*, actor: Actor, message_id: int) -> Message:
    """Send a failed message again."""
    require(actor, "conversation.reply")
    message = Message.objects.select_for_update().filter(pk=message_id, state=Message.State.FAILED).first()
    if message is None:
        raise NotFound("failed message", message_id)
    access_conversation(actor, message.conversation_id, "conversation.reply")
    conversation = lock_conversation(message.conversation_id)
    take_send(
        channel_id=conversation.channel_id,
        channel_kind=conversation.channel_kind,
        identity_id=conversation.identity_id,
        by_bot=False,
    )
    message.state, message.attempts, message.error = Message.State.PENDING, 0, ""
    message.save(update_fields=["state", "attempts", "error"])
    announce(
        conversation, events.MESSAGE_QUEUED, actor=actor, data={"message_id": message.pk, "sender": message.sender}
    )
    return message
