"""Live events over WebSocket, numbered for each tenant and replayable; presence; transients that are neither."""

from typing import TYPE_CHECKING

from guanxi.common.lazy import lazy_exports
from guanxi.realtime.registry import (
    register_channel,
    register_client_message,
    register_visitor_authenticator,
    register_visitor_message,
)

if TYPE_CHECKING:
    from guanxi.realtime.presence import is_online, online_members
    from guanxi.realtime.publishing import disconnect_members, publish_to_visitor, publish_transient, refresh_members

__all__ = [
    "disconnect_members",
    "is_online",
    "online_members",
    "publish_to_visitor",
    "publish_transient",
    "refresh_members",
    "register_channel",
    "register_client_message",
    "register_visitor_authenticator",
    "register_visitor_message",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "disconnect_members": "publishing",
        "is_online": "presence",
        "online_members": "presence",
        "publish_to_visitor": "publishing",
        "publish_transient": "publishing",
        "refresh_members": "publishing",
    },
)
