"""Registers crm.conversations with Django."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """Conversations with customers over every channel."""

    name = "crm.conversations"
    label = "conversations"

    def ready(self) -> None:
        """Register permissions, the record kind, who hears of a talk, what may be sent in it, and the subscribers."""
        from django.db.models import Q

        from crm.conversations import live, permissions, subscribers  # noqa: F401
        from crm.conversations.models import Conversation
        from crm.conversations.selectors import (
            find_conversations,
            may_open_file,
            seen_in_queue,
            visible_conversations,
        )
        from crm.records.registry import RecordKind, register_kind
        from guanxi.files.purposes import Purpose, register_purpose
        from guanxi.realtime import register_channel

        register_channel(live.CHANNEL, live.audience_of_channel)
        register_kind(
            RecordKind(
                kind="conversation",
                model=Conversation,
                visible=visible_conversations,
                title=lambda conversation: conversation.identity.display_name or f"#{conversation.pk}",
                subtitle=lambda conversation: conversation.last_message_preview[:60],
                search=lambda actor, text: find_conversations(actor, {"q": text}).order_by("-last_message_at"),
                below=lambda customers: Q(customer_id__in=customers),
                customer_ids=lambda conversation: [conversation.customer_id] if conversation.customer_id else [],
                besides=lambda conversation: {"assignee": conversation.assignee_id},
                seen_also=seen_in_queue,
            )
        )
        register_purpose(
            Purpose("message", uploadable=True, access=lambda actor, stored: may_open_file(actor, stored.pk))
        )
