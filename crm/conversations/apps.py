"""Registers crm.conversations with Django."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """Conversations with customers over every channel."""

    name = "crm.conversations"
    label = "conversations"

    def ready(self) -> None:
        """Register permissions, the record kind and the subscribers."""
        from crm.conversations import permissions, subscribers  # noqa: F401
        from crm.conversations.models import Conversation
        from crm.conversations.selectors import find_conversations, visible_conversations
        from crm.records.registry import RecordKind, register_kind

        register_kind(
            RecordKind(
                kind="conversation",
                model=Conversation,
                visible=visible_conversations,
                title=lambda conversation: conversation.identity.display_name or f"#{conversation.pk}",
                subtitle=lambda conversation: conversation.last_message_preview[:60],
                search=lambda actor, text: find_conversations(actor, {"q": text}).order_by("-last_message_at"),
            )
        )
