"""What senders of channels and the touch ledger speak of."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from guanxi.common.errors import Problem


@dataclass(frozen=True, slots=True)
class WindowRule:
    """What an inbound happening allows: so many messages for so long; the bot may use `bot_count` of them."""

    count: int
    lasts: timedelta
    bot_count: int


@dataclass(frozen=True, slots=True)
class WindowState:
    """What a channel still takes for a person; `remaining` and `until` are None where the channel sets no limit."""

    limited: bool
    open: bool
    remaining: int | None
    bot_remaining: int | None
    until: datetime | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """A message on its way out, as a sender gets it."""

    message_id: int
    kind: str
    text: str
    payload: dict[str, Any] = field(default_factory=dict)
    file_id: int | None = None
    by_person: bool = False
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the channel said to a message that it took."""

    external_id: str = ""
    delivered: bool = False


class SendFault(Exception):
    """The channel did not take a message.

    `code` is stable and goes to the page; `retry_after` is a number of seconds when trying again can help, None when it
    cannot; `closes_window` when the channel says that the person must write first.
    """

    def __init__(
        self, code: str, detail: str = "", *, retry_after: float | None = None, closes_window: bool = False
    ) -> None:
        super().__init__(detail or code)
        self.code = code
        self.retry_after = retry_after
        self.closes_window = closes_window


class SendRefused(Problem):
    """Our own ledger says that the channel would refuse: the window is closed or used up."""

    def __init__(self, code: str, detail: str, until: datetime | None = None) -> None:
        super().__init__(code, status=409, detail=detail, params={"until": until.isoformat() if until else None})


class ChannelSender(Protocol):
    """What a channel brings so that messages can go out through it."""

    kind: str
    windows: dict[str, WindowRule]

    def send(self, *, channel_id: int, identity_id: int, message: OutboundMessage) -> Receipt:
        """Send; raise SendFault when the channel does not take it."""
        ...
