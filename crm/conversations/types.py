"""Small types of conversations."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from crm.customers.types import PersonKey


@dataclass(frozen=True, slots=True)
class ChannelRef:
    """The channel that a message came over."""

    id: int
    kind: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message as a channel received it.

    `dedupe_key` is the channel's own message id. `opens` names what the message means for the send window (`message`,
    `menu_click`, `subscribe`, `scan`, "" for nothing). `attribution` holds where the person came from (scene, utm,
    referrer), when this tells it.
    """

    channel: ChannelRef
    sender: PersonKey
    dedupe_key: str
    kind: str
    text: str
    sent_at: datetime
    payload: dict[str, Any] = field(default_factory=dict)
    file_id: int | None = None
    opens: str = "message"
    attribution: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an inbound message; `stored_reply` is the passive reply that it got when it came before."""

    message_id: int
    conversation_id: int
    identity_id: int
    state: str
    duplicate: bool
    stored_reply: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the assistant said in the answer to a callback itself, stored already as a sent message."""

    message_id: int
    kind: str
    text: str
    payload: dict[str, Any] = field(default_factory=dict)
    generated: bool = False


class PassiveResponder(Protocol):
    """What the assistant brings so that a channel can answer a callback at once."""

    def respond(self, *, conversation_id: int, message_id: int, seconds: float) -> Said | None:
        """Answer an inbound message within the time, inside the caller's transaction, by
        `send_bot_message(passive=True)`.

        Return None to leave the message to the worker: nothing fits, a model is needed, or the time does not suffice.
        The key of the answer is `answer_key(message_id)` for both, so that a message is answered once.
        """
        ...
