"""Who hears what is said of a conversation over the sockets and not kept: typing, an answer that is being written."""

from crm.conversations.models import Conversation
from crm.conversations.services.machine import audience_of_conversation
from guanxi.events.types import Audience

CHANNEL = "conversation"


def audience_of_channel(conversation_id: int) -> Audience | None:
    """Return who may hear of a conversation's passing signs, None when there is no such conversation."""
    conversation = Conversation.objects.filter(pk=conversation_id).first()
    return audience_of_conversation(conversation) if conversation is not None else None
