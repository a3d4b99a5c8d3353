"""Channels of a tenant, and what the WeChat ones keep beside them."""

from django.db import models

from bots.channels.types import ChannelState, Health
from guanxi.common import clock
from guanxi.common.models import Timestamped


class Channel(Timestamped):
    """One way by which customers write: an Official Account, the chat on a site."""

    kind = models.TextField()
    name = models.TextField()
    key = models.TextField(help_text="what the outside names it by: an app id, a widget key")
    state = models.TextField(choices=[(each.value, each.name) for each in ChannelState], default=ChannelState.SETUP)
    health = models.TextField(choices=[(each.value, each.name) for each in Health], default=Health.UNKNOWN)
    fault = models.TextField(default="", blank=True, help_text="stable code of what is wrong, empty when nothing is")
    fault_at = models.DateTimeField(null=True)
    settings = models.JSONField(default=dict)
    secrets = models.JSONField(default=dict, help_text="name → sealed value")
    capabilities = models.JSONField(default=dict, help_text="name → whether the account may; learned from the outside")
    verified_at = models.DateTimeField(null=True, help_text="when the outside first proved to reach us")
    last_inbound_at = models.DateTimeField(null=True)
    last_sender = models.TextField(default="", blank=True, help_text="who wrote last, for a test message")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="one_channel_a_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class AccessToken(models.Model):
    """The token that an account's calls carry; its row lock lets one worker refresh it at a time."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="access_token")
    value = models.TextField(default="", blank=True, help_text="sealed")
    expires_at = models.DateTimeField(null=True)
    refreshed_at = models.DateTimeField(null=True)


class QrCode(models.Model):
    """A code with a scene: who scans it is known to have come from there."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="qr_codes")
    scene = models.TextField()
    label = models.TextField()
    permanent = models.BooleanField(default=False)
    ticket = models.TextField()
    url = models.TextField()
    expires_at = models.DateTimeField(null=True)
    scans = models.PositiveIntegerField(default=0)
    follows = models.PositiveIntegerField(default=0)
    created_by = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "scene"], name="one_code_a_scene")]


class RefusedCall(models.Model):
    """How many calls to a channel's callback were refused on a day, by reason."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="refused_calls")
    day = models.DateField()
    reason = models.TextField()
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "day", "reason"], name="one_count_a_reason")]
