"""Registers crm.conversations with Django."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """Conversations with customers over every channel."""

    name = "crm.conversations"
    label = "conversations"
