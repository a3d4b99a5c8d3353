"""Reads channels."""

from datetime import timedelta

from django.db.models import QuerySet

from bots.channels.models import Channel, QrCode, RefusedCall
from bots.channels.types import ChannelState
from guanxi.access import Actor, require
from guanxi.common import clock
from guanxi.common.errors import NotFound
from guanxi.secrets import unseal

SECRETS_FIELD = "channels.channel.secrets"


def visible_channels(actor: Actor) -> QuerySet[Channel]:
    """Return the channels; they belong to the whole company, so that the permission decides alone."""
    require(actor, "channel.read")
    return Channel.objects.exclude(state=ChannelState.DISCONNECTED)


def access_channel(actor: Actor, channel_id: int, permission: str = "channel.read", *, lock: bool = False) -> Channel:
    """Return a channel; raise NotFound when there is none."""
    require(actor, permission)
    rows = Channel.objects.select_for_update() if lock else Channel.objects.all()
    channel = rows.filter(pk=channel_id).exclude(state=ChannelState.DISCONNECTED).first()
    if channel is None:
        raise NotFound("channel", channel_id)
    return channel


def channel_by_key(kind: str, key: str) -> Channel:
    """Return the channel that the outside names so; raise NotFound when it is not connected (any more)."""
    channel = Channel.objects.filter(kind=kind, key=key).exclude(state=ChannelState.DISCONNECTED).first()
    if channel is None:
        raise NotFound("channel", key)
    return channel


def channel_names(channel_ids: set[int]) -> dict[int, str]:
    """Return the names of channels, also of disconnected ones, whose talks remain."""
    return dict(Channel.objects.filter(pk__in=channel_ids).values_list("pk", "name"))


def secret_row(channel: Channel) -> str:
    """Return what a channel's sealed values are bound to; the key never changes, and is known before the row is."""
    return f"{channel.kind}:{channel.key}"


def channel_secret(channel: Channel, name: str) -> str:
    """Return a secret of a channel in the clear, empty when it has none."""
    sealed = channel.secrets.get(name, "")
    return unseal(sealed, field=f"{SECRETS_FIELD}.{name}", row=secret_row(channel)) if sealed else ""


def refused_calls(channel: Channel, *, days: int = 7) -> dict[str, int]:
    """Return how many calls were refused lately, by reason."""
    since = clock.today() - timedelta(days=days)
    counts: dict[str, int] = {}
    for reason, count in RefusedCall.objects.filter(channel=channel, day__gt=since).values_list("reason", "count"):
        counts[reason] = counts.get(reason, 0) + count
    return counts


def qr_codes(actor: Actor, channel_id: int) -> QuerySet[QrCode]:
    """Return the codes of a channel."""
    return QrCode.objects.filter(channel=access_channel(actor, channel_id))
