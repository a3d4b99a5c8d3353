"""Who has the word: take over, hand back, queue, assign, snooze, resolve."""

from datetime import datetime

from django.db import transaction

from crm.conversations import events
from crm.conversations.models import Conversation
from crm.conversations.selectors import access_conversation
from crm.conversations.services.machine import announce, lock_conversation, transition
from guanxi.access import Actor, require
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid
from guanxi.timers.services import cancel_timer, set_timer
from tenants.members.selectors import department_of, require_active_member

State = Conversation.State
SNOOZE = "conversation.snooze"


def _locked(actor: Actor, conversation_id: int, permission: str) -> Conversation:
    require(actor, permission)
    access_conversation(actor, conversation_id, permission)
    return lock_conversation(conversation_id)


@transaction.atomic
def take_over(*, actor: Actor, conversation_id: int) -> Conversation:
    """Take the word from the assistant, the queue or nobody. Raises Conflict when another member has it."""
    conversation = _locked(actor, conversation_id, "conversation.reply")
    holder = conversation.assignee_id
    if conversation.state in {State.OPEN, State.SNOOZED} and holder not in (None, actor.member_id):
        raise Conflict("taken_by_another", "A colleague has taken this conversation.", params={"member_id": holder})
    transition(conversation, State.OPEN, actor=actor, reason="taken_over")
    cancel_timer(SNOOZE, conversation.pk)
    return _give(conversation, actor.member_id, actor)


def _give(conversation: Conversation, member_id: int | None, actor: Actor) -> Conversation:
    if conversation.assignee_id != member_id:
        before = conversation.assignee_id
        conversation.assignee_id = member_id
        conversation.last_assignee_id = member_id or conversation.last_assignee_id
        conversation.version += 1
        conversation.updated_at = clock.now()
        conversation.save()
        announce(conversation, events.CONVERSATION_ASSIGNED, actor=actor, data={"from": before, "to": member_id})
    return conversation


@transaction.atomic
def hand_back(*, actor: Actor, conversation_id: int) -> Conversation:
    """Give the word back to the assistant."""
    conversation = _locked(actor, conversation_id, "conversation.reply")
    transition(conversation, State.BOT, actor=actor, reason="handed_back")
    return conversation


@transaction.atomic
def queue_for_person(*, conversation_id: int, reason: str, prefer_member_id: int | None = None) -> Conversation:
    """Let the assistant hand the talk to people, with the reason: to the preferred member, or into the queue. A talk
    that people have stays.
    """
    conversation = lock_conversation(conversation_id)
    if conversation.state != State.BOT:
        return conversation
    assistant = Actor.assistant()
    transition(conversation, State.QUEUED, actor=assistant, reason=reason)
    if prefer_member_id is not None:
        transition(conversation, State.OPEN, actor=assistant, reason="preferred_member")
        _give(conversation, prefer_member_id, assistant)
    return conversation


@transaction.atomic
def assign_conversation(*, actor: Actor, conversation_id: int, member_id: int) -> Conversation:
    """Give a conversation to a member."""
    conversation = _locked(actor, conversation_id, "conversation.assign")
    require_active_member(member_id)
    transition(conversation, State.OPEN, actor=actor, reason="assigned")
    return _give(conversation, member_id, actor)


@transaction.atomic
def resolve_conversation(*, actor: Actor, conversation_id: int) -> Conversation:
    """Close the talk; the customer's next message opens it again."""
    conversation = _locked(actor, conversation_id, "conversation.reply")
    transition(conversation, State.RESOLVED, actor=actor, reason="resolved")
    cancel_timer(SNOOZE, conversation.pk)
    return conversation


@transaction.atomic
def reopen_conversation(*, actor: Actor, conversation_id: int) -> Conversation:
    """Open a resolved talk again, for the actor."""
    conversation = _locked(actor, conversation_id, "conversation.reply")
    transition(conversation, State.OPEN, actor=actor, reason="reopened")
    return _give(conversation, actor.member_id, actor)


@transaction.atomic
def snooze_conversation(*, actor: Actor, conversation_id: int, until: datetime) -> Conversation:
    """Put the talk aside until a moment, or until the customer writes."""
    if until <= clock.now():
        raise Invalid("snooze_in_past", "Choose a time to come.", fields={"until": "past"})
    conversation = _locked(actor, conversation_id, "conversation.reply")
    if conversation.state != State.OPEN:
        transition(conversation, State.OPEN, actor=actor, reason="taken_over")
        conversation.assignee_id = conversation.assignee_id or actor.member_id
    transition(conversation, State.SNOOZED, actor=actor, reason="snoozed")
    conversation.snoozed_until = until
    conversation.save(update_fields=["snoozed_until", "assignee"])
    set_timer(SNOOZE, conversation.pk, until)
    return conversation


@transaction.atomic
def wake_conversation(*, conversation_id: int) -> None:
    """End a snooze whose time has come."""
    conversation = lock_conversation(conversation_id)
    if conversation.state == State.SNOOZED and conversation.snoozed_until and conversation.snoozed_until <= clock.now():
        transition(conversation, State.OPEN, actor=Actor.system("the snooze ended"), reason="snooze_ended")


@transaction.atomic
def mark_read(*, actor: Actor, conversation_id: int) -> Conversation:
    """Note that a person has seen everything."""
    conversation = _locked(actor, conversation_id, "conversation.read")
    if conversation.unread_count:
        conversation.unread_count = 0
        conversation.save(update_fields=["unread_count"])
        announce(conversation, events.CONVERSATION_READ, actor=actor)
    return conversation


@transaction.atomic
def link_conversation(
    *,
    conversation_id: int,
    lead_id: int | None = None,
    contact_id: int | None = None,
    customer_id: int | None = None,
    owner_id: int | None = None,
) -> Conversation:
    """Join a conversation to the records of the person, and to their owner; None leaves a link as it is."""
    conversation = lock_conversation(conversation_id)
    conversation.lead_id = lead_id or conversation.lead_id
    conversation.contact_id = contact_id or conversation.contact_id
    conversation.customer_id = customer_id or conversation.customer_id
    if owner_id and owner_id != conversation.owner_id:
        conversation.owner_id, conversation.owner_department_path = owner_id, department_of(owner_id)
    conversation.version += 1
    conversation.updated_at = clock.now()
    conversation.save()
    announce(
        conversation,
        events.CONVERSATION_LINKED,
        actor=None,
        data={"lead_id": conversation.lead_id, "customer_id": conversation.customer_id},
    )
    return conversation
