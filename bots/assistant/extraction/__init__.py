"""Finding what a customer tells about themselves: deterministic, without a model."""

from bots.assistant.extraction.slots import Slots, extract_slots, without_contacts

__all__ = ["Slots", "extract_slots", "without_contacts"]
