"""What conversations do when something happened elsewhere."""

from crm.conversations import events
from crm.conversations.selectors import conversation_for_bot
from crm.conversations.services import (
    link_conversation,
    show_message_on_timelines,
    show_talk_on_timelines,
    wake_conversation,
)
from crm.conversations.services.handling import SNOOZE
from crm.conversations.tasks import deliver
from crm.leads.services import note_first_response
from guanxi.access import Actor
from guanxi.events.registry import subscribe
from guanxi.events.types import Event
from guanxi.jobs.publishing import enqueue
from guanxi.timers.registry import on_due


@subscribe(events.MESSAGE_QUEUED, name="conversations.deliver")
def hand_to_channel(event: Event) -> None:
    """Let a worker send the message."""
    enqueue(deliver, event.data["message_id"])


@subscribe(events.MESSAGE_QUEUED, name="conversations.first_response")
def note_answer(event: Event) -> None:
    """A colleague's message to the person behind a lead is the lead's first answer."""
    if event.data.get("sender") != "member":
        return
    lead_id = conversation_for_bot(event.aggregate_id).lead_id
    if lead_id:
        note_first_response(actor=Actor.system("a member wrote to the person"), lead_id=lead_id)


@subscribe("lead.assigned", "lead.created", name="conversations.follow_lead")
def follow_lead(event: Event) -> None:
    """Join the conversation that a lead came from to the lead and its owner."""
    conversation_id = event.data.get("conversation_id")
    if conversation_id:
        link_conversation(conversation_id=conversation_id, lead_id=event.aggregate_id, owner_id=event.data.get("to"))


@subscribe("lead.converted", name="conversations.follow_conversion")
def follow_conversion(event: Event) -> None:
    """Join the conversation to the customer and contact that its lead became."""
    conversation_id = event.data.get("conversation_id")
    if conversation_id:
        link_conversation(
            conversation_id=conversation_id,
            customer_id=event.data.get("customer_id"),
            contact_id=event.data.get("contact_id"),
            owner_id=event.data.get("owner_id"),
        )


@subscribe(events.MESSAGE_RECEIVED, events.MESSAGE_QUEUED, events.MESSAGE_SENT, name="conversations.timeline")
def show_message(event: Event) -> None:
    """Let the timelines of the person's records tell of the message."""
    show_message_on_timelines(conversation_id=event.aggregate_id, message_id=event.data["message_id"])


@subscribe(events.CONVERSATION_LINKED, name="conversations.timeline_of_linked")
def show_talk(event: Event) -> None:
    """Let the records that a talk was joined to show all of its days."""
    show_talk_on_timelines(conversation_id=event.aggregate_id)


@on_due(SNOOZE)
def end_snooze(ref_id: int) -> None:
    """Bring a snoozed talk back."""
    wake_conversation(conversation_id=ref_id)
