"""The forms of what goes through Redis and over the sockets."""

from dataclasses import dataclass
from typing import Any

import orjson

from guanxi.events.types import Audience
from guanxi.realtime.models import LiveEvent


@dataclass(frozen=True, slots=True)
class LiveMessage:
    """A numbered event, ready to be sent: encoded once for all sockets."""

    seq: int
    audience: Audience
    text: str


def frame(kind: str, /, **values: Any) -> str:
    """Return a message of the protocol as text."""
    return orjson.dumps({"type": kind, **values}).decode()


def event_values(event: LiveEvent) -> dict[str, Any]:
    """Return what a socket is told of an event."""
    return {
        "seq": event.seq,
        "kind": event.kind,
        "record": [event.record_kind, event.record_id],
        "data": event.data,
        "at": event.at.isoformat(),
    }


def live_message(values: dict[str, Any], audience: dict[str, Any]) -> LiveMessage:
    """Return the message of an event that came through Redis or from its row."""
    return LiveMessage(values["seq"], Audience.from_json(audience), frame("event", **values))
