"""The outbox: what happened, written in the same transaction as the change, and handed on at least once."""

from typing import TYPE_CHECKING

from guanxi.common.lazy import lazy_exports
from guanxi.events.registry import register_sink, subscribe
from guanxi.events.types import Audience, Event

if TYPE_CHECKING:
    from guanxi.events.services import record_event

__all__ = ["Audience", "Event", "record_event", "register_sink", "subscribe"]

__getattr__ = lazy_exports(__name__, {"record_event": "services"})
