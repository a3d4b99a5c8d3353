"""Who handles which kind of timer."""

from collections.abc import Callable
from typing import TypeVar

Handler = Callable[[int], None]
H = TypeVar("H", bound=Handler)

_handlers: dict[str, Handler] = {}


def on_due(kind: str) -> Callable[[H], H]:
    """Register the handler of a kind; it gets the `ref_id`, in the tenant's scope and in a transaction."""

    def register(handler: H) -> H:
        known = _handlers.get(kind)
        if known is not None and known.__qualname__ != handler.__qualname__:
            raise ValueError(f"two handlers for the timer {kind!r}")
        _handlers[kind] = handler
        return handler

    return register


def handler_of(kind: str) -> Handler | None:
    """Return the handler of a kind."""
    return _handlers.get(kind)
