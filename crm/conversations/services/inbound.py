"""Takes in what customers write: stored once, then announced."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from crm.conversations import events
from crm.conversations.models import Conversation, Message
from crm.conversations.services.machine import announce, lock_conversation, transition
from crm.conversations.types import Inbound, Received
from crm.customers.services import know_person
from crm.outreach.services import open_window
from crm.records.search import search_keys
from guanxi.access import Actor
from guanxi.common import clock
from tenants.members.selectors import is_on_duty

State = Conversation.State
SAME_AGENT_WITHIN = timedelta(hours=24)
PREVIEW = 120


@transaction.atomic
def receive_message(*, inbound: Inbound) -> Received:
    """Store an inbound message exactly once, whoever sends it how often, and let the conversation take it up.

    The unique key (channel, dedupe key) decides: a message that came before changes nothing and brings back the reply
    it got.
    """
    identity = know_person(key=inbound.sender)
    conversation, started = Conversation.objects.get_or_create(
        channel_id=inbound.channel.id,
        identity=identity,
        defaults={
            "channel_kind": inbound.channel.kind,
            "contact_id": identity.contact_id,
            "customer_id": identity.customer_id,
            "attribution": inbound.attribution,
            "created_at": clock.now(),
        },
    )
    conversation = lock_conversation(conversation.pk)
    known = Message.objects.filter(channel_id=inbound.channel.id, dedupe_key=inbound.dedupe_key).first()
    if known is not None:
        return Received(known.pk, known.conversation_id, identity.pk, conversation.state, True, known.reply)
    message = Message.objects.create(
        conversation=conversation,
        channel_id=inbound.channel.id,
        dedupe_key=inbound.dedupe_key,
        direction=Message.Direction.IN,
        sender=Message.Sender.CUSTOMER,
        kind=inbound.kind,
        text=inbound.text,
        payload=inbound.payload,
        file_id=inbound.file_id,
        sent_at=inbound.sent_at,
        created_at=clock.now(),
        search_keys=search_keys(inbound.text[:500]),
    )
    if inbound.opens:
        open_window(
            channel_id=inbound.channel.id,
            channel_kind=inbound.channel.kind,
            identity_id=identity.pk,
            opened_by=inbound.opens,
        )
    if started:
        announce(conversation, events.CONVERSATION_STARTED, actor=None)
    _take_up(conversation, message, inbound)
    announce(conversation, events.MESSAGE_RECEIVED, actor=None, data={"message_id": message.pk, "kind": message.kind})
    return Received(message.pk, conversation.pk, identity.pk, conversation.state, False)


def _take_up(conversation: Conversation, message: Message, inbound: Inbound) -> None:
    if conversation.state in {State.RESOLVED, State.SNOOZED} and message.kind != "event":
        _come_back(conversation)
    conversation.last_message_at = message.created_at
    conversation.last_inbound_at = message.created_at
    if message.kind != "event":
        conversation.unread_count += 1
        conversation.last_message_preview = message.text[:PREVIEW] or f"[{message.kind}]"
        if conversation.state in {State.OPEN, State.QUEUED} and conversation.waiting_since is None:
            conversation.waiting_since = message.created_at
    if inbound.attribution:
        conversation.attribution = {
            "first": conversation.attribution.get("first") or inbound.attribution,
            "last": inbound.attribution,
        }
    conversation.version += 1
    conversation.updated_at = message.created_at
    conversation.save()


def _come_back(conversation: Conversation) -> None:
    """A customer writes again: to the last agent when that was within a day and the agent is on duty, else to the
    assistant.
    """
    system = Actor.system("the customer wrote again")
    agent_id = conversation.assignee_id if conversation.state == State.SNOOZED else conversation.last_assignee_id
    recent = conversation.resolved_at is None or clock.now() - conversation.resolved_at < SAME_AGENT_WITHIN
    if agent_id and recent and is_on_duty(agent_id):
        transition(conversation, State.OPEN, actor=system, reason="last_agent")
        conversation.assignee_id = agent_id
    else:
        transition(conversation, State.BOT, actor=system, reason="customer_returned")


@transaction.atomic
def store_reply(*, message_id: int, reply: dict[str, Any]) -> None:
    """Keep the passive reply of an inbound message, so that a re-sent one gets the same."""
    Message.objects.filter(pk=message_id).update(reply=reply)


@transaction.atomic
def remember_context(*, conversation_id: int, context: dict[str, Any]) -> None:
    """Keep what the assistant needs for the next turn; it is forgotten at the next resolve."""
    Conversation.objects.filter(pk=conversation_id).update(context=context)


@transaction.atomic
def attach_file(*, message_id: int, file_id: int | None, error: str = "") -> bool:
    """Join a picture or a voice that was fetched after its message came; return whether this call did it.

    `error` says that the channel no longer has it; the message stays as it is.
    """
    message = Message.objects.select_for_update().filter(pk=message_id, file_id__isnull=True).first()
    if message is None:
        return False
    conversation = lock_conversation(message.conversation_id)
    message.file_id, message.error = file_id, error
    message.save(update_fields=["file_id", "error"])
    announce(conversation, events.MESSAGE_FILE, actor=None, data={"message_id": message.pk})
    return True
