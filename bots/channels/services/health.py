"""Notes what happens to a channel: that it is reached, what is wrong with it, what its account may do."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q

from bots.channels import events
from bots.channels.models import Channel, RefusedCall
from bots.channels.types import ChannelState, Health
from guanxi.common import clock
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.notifications.services import notify
from tenants.members.selectors import active_members_with_permission

AUDIENCE = Audience(everyone=True, permission="channel.read")
# The row is not written for every message; the page shows minutes.
NOTED_EVERY = timedelta(seconds=30)
FAULTS_OF_ALL = {"credentials", "address_not_allowed"}


@transaction.atomic
def note_inbound(*, channel_id: int, sender: str) -> None:
    """Note that somebody wrote; a channel that is still being set up works from now on."""
    now = clock.now()
    stale = Q(last_inbound_at__isnull=True) | Q(last_inbound_at__lt=now - NOTED_EVERY) | ~Q(last_sender=sender)
    Channel.objects.filter(stale, pk=channel_id).update(last_inbound_at=now, last_sender=sender)
    _activate(channel_id)


@transaction.atomic
def note_verified(*, channel_id: int) -> None:
    """Note that the outside has checked our address and got the right answer."""
    Channel.objects.filter(pk=channel_id).update(verified_at=clock.now())
    _activate(channel_id)


def _activate(channel_id: int) -> None:
    moved = Channel.objects.filter(pk=channel_id, state=ChannelState.SETUP).update(
        state=ChannelState.ACTIVE, version=F("version") + 1, updated_at=clock.now()
    )
    if moved:
        Channel.objects.filter(pk=channel_id, verified_at__isnull=True).update(verified_at=clock.now())
        record_event(
            events.CHANNEL_STATE, actor=None, aggregate=("channel", channel_id), data={"to": ChannelState.ACTIVE},
            audience=AUDIENCE,
        )  # fmt: skip


@transaction.atomic
def note_fault(*, channel_id: int, code: str) -> None:
    """Note what is wrong with a channel; the first time its managers are told."""
    health = Health.ERROR if code in FAULTS_OF_ALL else Health.WARNING
    now = clock.now()
    changed = (
        Channel.objects.filter(pk=channel_id)
        .exclude(fault=code, health=health)
        .update(health=health, fault=code, fault_at=now, version=F("version") + 1, updated_at=now)
    )
    if not changed:
        Channel.objects.filter(pk=channel_id).update(fault_at=now)
        return
    record_event(
        events.CHANNEL_HEALTH, actor=None, aggregate=("channel", channel_id), data={"health": health, "fault": code},
        audience=AUDIENCE,
    )  # fmt: skip
    name = Channel.objects.values_list("name", flat=True).get(pk=channel_id)
    notify(
        member_ids=active_members_with_permission("channel.manage"),
        kind="channel.fault",
        params={"channel": name, "fault": code},
        record=("channel", channel_id),
    )


@transaction.atomic
def note_recovery(*, channel_id: int) -> None:
    """Note that a channel works, after a call that went well."""
    now = clock.now()
    changed = (
        Channel.objects.filter(pk=channel_id)
        .exclude(health=Health.OK)
        .update(health=Health.OK, fault="", fault_at=None, version=F("version") + 1, updated_at=now)
    )
    if changed:
        record_event(
            events.CHANNEL_HEALTH, actor=None, aggregate=("channel", channel_id),
            data={"health": Health.OK, "fault": ""}, audience=AUDIENCE,
        )  # fmt: skip


@transaction.atomic
def switch_capability(*, channel_id: int, name: str, allowed: bool) -> None:
    """Keep whether the account may do something; the channel does without what it may not."""
    channel = Channel.objects.select_for_update().get(pk=channel_id)
    if channel.capabilities.get(name) == allowed:
        return
    channel.capabilities = {**channel.capabilities, name: allowed}
    channel.version += 1
    channel.updated_at = clock.now()
    channel.save(update_fields=["capabilities", "version", "updated_at"])
    record_event(
        events.CHANNEL_UPDATED, actor=None, aggregate=("channel", channel_id), data={"fields": ["capabilities"]},
        audience=AUDIENCE,
    )  # fmt: skip


@transaction.atomic
def count_refused(*, channel_id: int, reason: str) -> None:
    """Count a call that was refused."""
    row, made = RefusedCall.objects.get_or_create(
        channel_id=channel_id, day=clock.today(), reason=reason, defaults={"count": 1, "last_at": clock.now()}
    )
    if not made:
        RefusedCall.objects.filter(pk=row.pk).update(count=F("count") + 1, last_at=clock.now())
