"""Who subscribes to what."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from guanxi.events.types import Audience, Event

Handler = Callable[[Event], None]
Sink = Callable[[Event, Audience | None], None]
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A named handler of some kinds of events."""

    name: str
    kinds: frozenset[str]
    handler: Handler


_subscribers: dict[str, Subscriber] = {}
_sinks: list[Sink] = []


def subscribe(*kinds: str, name: str) -> Callable[[H], H]:
    """Register a handler under a name that never changes: deliveries are remembered by it. `"*"` means every kind."""

    def register(handler: H) -> H:
        known = _subscribers.get(name)
        if known is not None and known.handler.__qualname__ != handler.__qualname__:
            raise ValueError(f"two subscribers are named {name!r}")
        _subscribers[name] = Subscriber(name, frozenset(kinds), handler)
        return handler

    return register


def register_sink(sink: Sink) -> None:
    """Register what gets every event with its audience, inside the dispatch transaction: the realtime numbering."""
    if sink not in _sinks:
        _sinks.append(sink)


def subscribers_of(kind: str) -> list[Subscriber]:
    """Return the subscribers of a kind, in the order of their names."""
    return [s for _, s in sorted(_subscribers.items()) if kind in s.kinds or "*" in s.kinds]


def sinks() -> list[Sink]:
    """Return the registered sinks."""
    return list(_sinks)
