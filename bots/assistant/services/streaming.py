"""Shows an answer while it is being written: to the visitor's page, and to colleagues who have the talk open."""

from typing import TYPE_CHECKING

from bots.assistant.types import TokenSink
from guanxi.realtime import publish_to_visitor, publish_transient

if TYPE_CHECKING:
    from crm.conversations.models import Conversation

WEB = "web"


def token_sink(conversation: "Conversation", key: str) -> TokenSink | None:
    """Return what takes the pieces of an answer, None for channels that show only whole messages.

    `key` is the dedupe key of the message that the answer becomes: the page replaces the pieces by the stored message.
    """
    if conversation.channel_kind != WEB:
        return None
    visitor, watching = conversation.identity.value, f"conversation:{conversation.pk}"

    def show(piece: str) -> None:
        publish_to_visitor(visitor, {"type": "token", "message_key": key, "text": piece})
        publish_transient(
            watching, {"type": "token", "conversation_id": conversation.pk, "message_key": key, "text": piece}
        )

    return show
