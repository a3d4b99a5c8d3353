"""Connects channels, changes them and takes them off."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from bots.channels import events
from bots.channels.models import Channel
from bots.channels.registry import channel_kind
from bots.channels.selectors import SECRETS_FIELD, access_channel, secret_row
from bots.channels.types import ChannelState, CleanSettings, Health, Step
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, VersionConflict
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.secrets import seal
from tenants.workspaces.services import register_route, release_route

MAX_NAME = 60
AUDIENCE = Audience(everyone=True, permission="channel.read")


def _clean_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid("name_missing", "A name is needed. Nothing was saved.", fields={"name": "missing"})
    if len(name) > MAX_NAME:
        raise Invalid(
            "name_too_long", f"At most {MAX_NAME} characters. Nothing was saved.", fields={"name": "too_long"}
        )
    return name


def _cleaned(kind: str, values: Mapping[str, Any], channel: Channel | None) -> CleanSettings:
    knows = channel_kind(kind)
    unknown = sorted(set(values) - knows.setting_names)
    if unknown:
        raise Invalid(
            "channel_settings_invalid",
            f"{kind} has no such settings: {', '.join(unknown)}. It has {', '.join(sorted(knows.setting_names))}. "
            "Nothing was saved.",
            fields=dict.fromkeys(unknown, "unknown"),
        )
    return knows.clean(values, channel)


def _seal_into(channel: Channel, secrets: Mapping[str, str]) -> None:
    row = secret_row(channel)
    sealed = {name: seal(value, field=f"{SECRETS_FIELD}.{name}", row=row) for name, value in secrets.items()}
    channel.secrets = {**channel.secrets, **sealed}


@transaction.atomic
def create_channel(*, actor: Actor, kind: str, name: str, values: Mapping[str, Any]) -> Channel:
    """Connect a channel and let its key lead to this workspace.

    Raises Invalid for settings that cannot be, Conflict("channel_taken") when the key is connected already, here or
    elsewhere.
    """
    require(actor, "channel.manage")
    kept = _cleaned(kind, values, None)
    known = Channel.objects.select_for_update().filter(kind=kind, key=kept.key).first()
    if known is not None and known.state != ChannelState.DISCONNECTED:
        raise _taken()
    channel = known or Channel(kind=kind, key=kept.key)
    channel.name, channel.settings = _clean_name(name), kept.settings
    # One that was taken off and comes back keeps its row, and with it its talks, but proves itself anew.
    channel.state, channel.health, channel.fault, channel.verified_at = ChannelState.SETUP, Health.UNKNOWN, "", None
    channel.secrets, channel.capabilities, channel.updated_at = {}, {}, clock.now()
    _seal_into(channel, kept.secrets)
    _claim(channel)
    record_audit(actor=actor, action="create", kind="channel", record_id=channel.pk)
    record_event(
        events.CHANNEL_CREATED, actor=actor, aggregate=("channel", channel.pk), data={"kind": kind}, audience=AUDIENCE
    )
    return channel


def _claim(channel: Channel) -> None:
    try:
        with transaction.atomic():
            register_route(channel_kind(channel.kind).route_kind, channel.key)
            channel.save()
    except (Conflict, IntegrityError) as fault:
        raise _taken() from fault


def _taken() -> Conflict:
    return Conflict(
        "channel_taken", "This account is connected already, here or in another workspace. Nothing was saved."
    )


@transaction.atomic
def update_channel(
    *,
    actor: Actor,
    channel_id: int,
    name: str | None = None,
    values: Mapping[str, Any] | None = None,
    version: int | None = None,
) -> Channel:
    """Change a channel's name or settings; a secret that is not given stays.

    Raises NotFound, Invalid, VersionConflict.
    """
    require(actor, "channel.manage")
    channel = access_channel(actor, channel_id, "channel.manage", lock=True)
    if version is not None and version != channel.version:
        raise VersionConflict(channel.version)
    before = {"name": channel.name, **channel.settings}
    if name is not None:
        channel.name = _clean_name(name)
    replaced: list[str] = []
    if values is not None:
        kept = _cleaned(channel.kind, values, channel)
        if kept.key != channel.key:
            raise Invalid(
                "key_fixed", "A channel's key cannot change; connect another channel.", fields={"key": "fixed"}
            )
        channel.settings = kept.settings
        replaced = sorted(kept.secrets)
        _seal_into(channel, kept.secrets)
    after = {"name": channel.name, **channel.settings}
    changes = {key: (before.get(key), after.get(key)) for key in {*before, *after} if before.get(key) != after.get(key)}
    changes |= dict.fromkeys((f"{each}_secret" for each in replaced), ("", ""))
    if not changes:
        return channel
    channel.version += 1
    channel.updated_at = clock.now()
    channel.save()
    record_audit(actor=actor, action="update", kind="channel", record_id=channel.pk, changes=changes)
    record_event(
        events.CHANNEL_UPDATED, actor=actor, aggregate=("channel", channel.pk), data={"fields": sorted(changes)},
        audience=AUDIENCE,
    )  # fmt: skip
    return channel


@transaction.atomic
def disconnect_channel(*, actor: Actor, channel_id: int) -> None:
    """Take a channel off: its key leads nowhere, its secrets are gone, its talks remain."""
    require(actor, "channel.manage")
    channel = access_channel(actor, channel_id, "channel.manage", lock=True)
    channel.state, channel.secrets, channel.updated_at = ChannelState.DISCONNECTED, {}, clock.now()
    channel.version += 1
    channel.save()
    release_route(channel_kind(channel.kind).route_kind, channel.key)
    record_audit(actor=actor, action="disconnect", kind="channel", record_id=channel.pk)
    record_event(
        events.CHANNEL_STATE, actor=actor, aggregate=("channel", channel.pk), data={"to": ChannelState.DISCONNECTED},
        audience=AUDIENCE,
    )  # fmt: skip


def check_channel(*, actor: Actor, channel_id: int) -> list[Step]:
    """Ask the outside whether the channel works; what was learned is kept.

    Call it outside of a transaction: it uses the network.
    """
    require(actor, "channel.manage")
    channel = access_channel(actor, channel_id, "channel.manage")
    return channel_kind(channel.kind).check(channel)
