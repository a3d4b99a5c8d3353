"""Registers bots.assistant with Django."""

from django.apps import AppConfig


class AssistantConfig(AppConfig):
    """The assistant: dialogue, lead capture, handover."""

    name = "bots.assistant"
    label = "assistant"
