"""The one function by which a conversation changes its state."""

from dataclasses import replace
from datetime import datetime

from crm.conversations import events
from crm.conversations.models import Conversation
from crm.records.selectors import last_step
from crm.records.services import log_state_change
from crm.records.visibility import audience_of_facts, facts_of
from guanxi.access import Actor, ActorKind
from guanxi.common import clock
from guanxi.common.errors import Conflict, NotFound
from guanxi.events.services import record_event
from guanxi.events.types import Audience

State = Conversation.State
ALLOWED: dict[str, set[str]] = {
    State.BOT: {State.QUEUED, State.OPEN, State.RESOLVED},
    State.QUEUED: {State.OPEN, State.BOT, State.RESOLVED},
    State.OPEN: {State.BOT, State.QUEUED, State.SNOOZED, State.RESOLVED},
    State.SNOOZED: {State.OPEN, State.BOT, State.QUEUED, State.RESOLVED},
    State.RESOLVED: {State.BOT, State.OPEN, State.QUEUED},
}


def lock_conversation(conversation_id: int) -> Conversation:
    """Return a conversation with its row locked; every change of state and every send of the bot goes through this
    lock.
    """
    conversation = Conversation.objects.select_for_update().filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFound("conversation", conversation_id)
    return conversation


def audience_of_conversation(conversation: Conversation, *, queue: bool = False) -> Audience:
    """Return who may hear of a conversation: its assignee, and whoever the scope of `conversation.read` admits; of the
    queue everybody who may answer, as they see it too.
    """
    permission = "conversation.read"
    audience = audience_of_facts(facts_of("conversation", conversation), permission)
    if queue or conversation.state == State.QUEUED:
        waiting = Audience(everyone=True, permission="conversation.reply")
        audience = replace(audience, also=(*audience.also, waiting))
    return audience


def announce(
    conversation: Conversation,
    kind: str,
    *,
    actor: Actor | None,
    data: dict[str, object] | None = None,
    queue: bool = False,
) -> None:
    """Record an event of a conversation; `queue` when it concerns everybody who watches the queue."""
    record_event(
        kind,
        actor=actor,
        aggregate=("conversation", conversation.pk),
        data=data or {},
        audience=audience_of_conversation(conversation, queue=queue),
    )


def taken_over_at(conversation_id: int) -> datetime | None:
    """Return when a member took the word last, None when none did."""
    return last_step("conversation", conversation_id, to=State.OPEN, by=ActorKind.MEMBER)


def transition(conversation: Conversation, to: str, *, actor: Actor, reason: str = "") -> bool:
    """Move a locked conversation to another state; return whether it moved. Raises Conflict for a step that the machine
    does not know.
    """
    before = conversation.state
    if before == to:
        return False
    if to not in ALLOWED[before]:
        raise Conflict(
            "conversation_state",
            f"A conversation that is {before} cannot become {to}.",
            params={"from": before, "to": to},
        )
    now = clock.now()
    conversation.state = to
    conversation.version += 1
    conversation.updated_at = now
    if to == State.RESOLVED:
        conversation.resolved_at, conversation.waiting_since, conversation.unread_count = now, None, 0
        conversation.last_assignee_id = conversation.assignee_id or conversation.last_assignee_id
        conversation.context = {}
    if to == State.QUEUED:
        conversation.handed_over_at, conversation.handover_reason = now, reason
        conversation.waiting_since = conversation.waiting_since or now
    if to in {State.BOT, State.QUEUED, State.RESOLVED}:
        conversation.assignee_id = None
    if to != State.SNOOZED:
        conversation.snoozed_until = None
    if to == State.BOT:
        conversation.waiting_since = None
    conversation.save()
    log_state_change(actor, conversation, "conversation", before=before, after=to, note=reason)
    data: dict[str, object] = {"from": before, "to": to, "reason": reason}
    # Whoever saw it waiting must hear that somebody has it now.
    queue = State.QUEUED in {before, to}
    announce(conversation, events.CONVERSATION_STATE, actor=actor, data=data, queue=queue)
    return True
