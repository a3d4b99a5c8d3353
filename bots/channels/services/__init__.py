"""Writes channels."""

from bots.channels.services.connecting import (
    check_channel,
    create_channel,
    disconnect_channel,
    update_channel,
)
from bots.channels.services.health import (
    count_refused,
    note_fault,
    note_inbound,
    note_recovery,
    note_verified,
    switch_capability,
)

__all__ = [
    "check_channel",
    "count_refused",
    "create_channel",
    "disconnect_channel",
    "note_fault",
    "note_inbound",
    "note_recovery",
    "note_verified",
    "switch_capability",
    "update_channel",
]
