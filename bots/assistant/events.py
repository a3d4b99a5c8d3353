"""Events of the assistant."""

SETTINGS_CHANGED = "assistant.settings_changed"
VECTORS_READY = "assistant.vectors_ready"
"""The knowledge of a revision is embedded and calibrated; indexes take the new vectors from here."""
ANSWERED = "assistant.answered"
