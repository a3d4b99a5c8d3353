"""Talks of a member who goes: to a colleague, or back into the queue. Whoever calls has checked the rights."""

from django.db import transaction

from crm.conversations import events
from crm.conversations.models import Conversation
from crm.conversations.services.handling import SNOOZE
from crm.conversations.services.machine import announce, lock_conversation, transition
from guanxi.access import Actor
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.timers.services import cancel_timer
from tenants.members.selectors import department_of

State = Conversation.State
WITH_SOMEBODY = (State.OPEN, State.SNOOZED)


@transaction.atomic
def give_conversation(
    *, actor: Actor, conversation_id: int, from_id: int | None, to_id: int | None, queue: bool = False
) -> dict[str, bool]:
    """Give what a member has of a talk to another: the word when the member had it, and the ownership. State and
    messages stay; with `queue`, or without anybody, the word goes to the queue. Return what has been given.
    """
    talk = lock_conversation(conversation_id)
    had_word = talk.state in WITH_SOMEBODY and talk.assignee_id == from_id
    waited = from_id is None and talk.state == State.QUEUED
    owned = from_id is not None and talk.owner_id == from_id and to_id is not None
    if owned and to_id is not None:
        talk.owner_id, talk.owner_department_path = to_id, department_of(to_id)
    if had_word and (queue or to_id is None):
        cancel_timer(SNOOZE, talk.pk)
        talk.last_assignee_id = from_id
        transition(talk, State.QUEUED, actor=actor, reason="handover")
    elif (had_word or waited) and to_id is not None:
        if waited:
            transition(talk, State.OPEN, actor=actor, reason="handover")
        talk.assignee_id = talk.last_assignee_id = to_id
    if not (had_word or waited or owned):
        return {}
    talk.version += 1
    talk.updated_at = clock.now()
    talk.save()
    changes = {"assignee_id": (from_id if had_word else None, talk.assignee_id)}
    record_audit(actor=actor, action="handover", kind="conversation", record_id=talk.pk, changes=changes)
    announce(talk, events.CONVERSATION_ASSIGNED, actor=actor, data={"from": from_id, "to": talk.assignee_id})
    return {"word": had_word or waited, "owner": owned}


@transaction.atomic
def give_conversation_back(
    *, actor: Actor, conversation_id: int, from_id: int | None, to_id: int | None, given: dict[str, bool]
) -> bool:
    """Undo a gift: `from_id` has it again when `to_id` (None: the queue) still has what was given."""
    talk = lock_conversation(conversation_id)
    word = bool(given.get("word"))
    waits = talk.state == State.QUEUED if to_id is None else talk.state in WITH_SOMEBODY and talk.assignee_id == to_id
    if (word and not waits) or (given.get("owner") and to_id is not None and talk.owner_id != to_id):
        return False
    if given.get("owner") and from_id is not None:
        talk.owner_id, talk.owner_department_path = from_id, department_of(from_id)
    if word and from_id is None:
        cancel_timer(SNOOZE, talk.pk)
        transition(talk, State.QUEUED, actor=actor, reason="handover_undone")
    elif word:
        if talk.state == State.QUEUED:
            transition(talk, State.OPEN, actor=actor, reason="handover_undone")
        talk.assignee_id = from_id
    talk.version += 1
    talk.updated_at = clock.now()
    talk.save()
    changes = {"assignee_id": (to_id, talk.assignee_id)}
    record_audit(actor=actor, action="handover_undone", kind="conversation", record_id=talk.pk, changes=changes)
    announce(talk, events.CONVERSATION_ASSIGNED, actor=actor, data={"from": to_id, "to": talk.assignee_id})
    return True
