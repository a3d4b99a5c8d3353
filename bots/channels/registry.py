"""The kinds of channels that there are; each registers itself when the app is ready."""

from bots.channels.types import ChannelKind
from guanxi.common.errors import Invalid

_kinds: dict[str, ChannelKind] = {}


def register_channel_kind(kind: ChannelKind) -> None:
    """Make a kind of channel known."""
    _kinds[kind.kind] = kind


def channel_kind(name: str) -> ChannelKind:
    """Return a kind by its name; raise Invalid for one that nobody brings."""
    try:
        return _kinds[name]
    except KeyError:
        raise Invalid("channel_kind_unknown", "There is no such kind of channel.", fields={"kind": "unknown"}) from None


def channel_kinds() -> list[str]:
    """Return the names of all kinds."""
    return sorted(_kinds)
