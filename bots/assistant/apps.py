"""Registers bots.assistant with Django."""

from django.apps import AppConfig


class AssistantConfig(AppConfig):
    """The assistant: dialogue, lead capture, handover."""

    name = "bots.assistant"
    label = "assistant"

    def ready(self) -> None:
        """Register permissions, subscribers, the sealed column and the passive responder."""
        from bots.assistant import permissions, subscribers  # noqa: F401
        from bots.assistant.services import PassiveAssistant
        from bots.assistant.services.settings import KEY_FIELD, ROW
        from crm.conversations.services import register_passive_responder
        from guanxi.secrets import register_sealed_column

        register_passive_responder(PassiveAssistant())
        register_sealed_column("assistant.AssistantSettings", "model_key", field=KEY_FIELD, row=lambda settings: ROW)
