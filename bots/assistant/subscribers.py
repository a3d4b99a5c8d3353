"""What the assistant does when something happened elsewhere."""

from bots.assistant.selectors import answered_already
from bots.assistant.tasks import answer, embed
from crm.conversations.events import MESSAGE_RECEIVED
from crm.knowledge.events import KNOWLEDGE_CHANGED
from guanxi.events.registry import subscribe
from guanxi.events.types import Event
from guanxi.jobs.publishing import enqueue


@subscribe(MESSAGE_RECEIVED, name="assistant.answer")
def take_up(event: Event) -> None:
    """Let a worker answer what was not answered at once."""
    message_id = event.data["message_id"]
    if not answered_already([message_id]):
        enqueue(answer, message_id)


@subscribe(KNOWLEDGE_CHANGED, name="assistant.embed")
def bring_up_to_date(event: Event) -> None:
    """Let a worker embed what is new."""
    enqueue(embed)
