"""Reads windows, and finds the sender of a channel."""

from crm.outreach.models import SendWindow
from crm.outreach.types import ChannelSender, WindowState
from guanxi.common import clock
from guanxi.common.errors import Conflict

_senders: dict[str, ChannelSender] = {}


def register_sender(sender: ChannelSender) -> None:
    """Register the sender of a channel kind; a channel does it in its AppConfig.ready."""
    _senders[sender.kind] = sender


def sender_of(channel_kind: str) -> ChannelSender:
    """Return the sender of a channel kind; raise Conflict("no_sender") where the channel can only receive."""
    try:
        return _senders[channel_kind]
    except KeyError:
        raise Conflict("no_sender", f"Nothing can be sent over {channel_kind}.") from None


def has_sender(channel_kind: str) -> bool:
    """Return whether messages can go out over a kind of channel."""
    return channel_kind in _senders


def window_state(*, channel_id: int, channel_kind: str, identity_id: int) -> WindowState:
    """Return what the channel still takes for a person."""
    if not has_sender(channel_kind) or not sender_of(channel_kind).windows:
        return WindowState(limited=False, open=True, remaining=None, bot_remaining=None, until=None)
    window = SendWindow.objects.filter(channel_id=channel_id, identity_id=identity_id).first()
    if window is None or window.until is None:
        return WindowState(limited=True, open=False, remaining=0, bot_remaining=0, until=None, reason="never_wrote")
    is_open = window.until > clock.now() and not window.closed_reason and window.remaining > 0
    reason = window.closed_reason or ("" if is_open else "ended" if window.until <= clock.now() else "used_up")
    return WindowState(True, is_open, window.remaining, max(0, window.bot_remaining), window.until, reason)
