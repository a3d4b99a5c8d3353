"""The port by which a channel lets the assistant answer a callback at once."""

from crm.conversations.types import PassiveResponder, Said

_responder: PassiveResponder | None = None


def register_passive_responder(responder: PassiveResponder | None) -> None:
    """Say who answers callbacks at once; the assistant does it in its AppConfig.ready. None takes it away."""
    global _responder
    _responder = responder


def answer_key(message_id: int) -> str:
    """Return the key of the assistant's answer to a message, the same for a passive answer and the worker's."""
    return f"answer:{message_id}"


def respond_passively(*, conversation_id: int, message_id: int, seconds: float) -> Said | None:
    """Return what the assistant says at once, None when it leaves the message to the worker or nobody is registered."""
    if _responder is None:
        return None
    return _responder.respond(conversation_id=conversation_id, message_id=message_id, seconds=seconds)
