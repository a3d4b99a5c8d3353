"""Writes of the assistant: answers, settings, vectors."""

from bots.assistant.services.answering import PassiveAssistant, answer_message
from bots.assistant.services.embedding import drop_unused_vectors, embed_knowledge
from bots.assistant.services.preview import preview_answer
from bots.assistant.services.settings import settings_row, test_model, update_settings
from bots.assistant.services.suggesting import suggest_similar

__all__ = [
    "PassiveAssistant",
    "answer_message",
    "drop_unused_vectors",
    "embed_knowledge",
    "preview_answer",
    "settings_row",
    "suggest_similar",
    "test_model",
    "update_settings",
]
