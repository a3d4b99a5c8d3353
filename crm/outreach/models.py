"""The touch ledger: what each channel still lets us send to a person, and what was sent."""

from django.db import models

from guanxi.common import clock


class SendWindow(models.Model):
    """How many messages a channel still takes for a person, and until when; reset by each inbound message."""

    channel_id = models.BigIntegerField()
    identity = models.ForeignKey("customers.Identity", on_delete=models.CASCADE, related_name="+")
    opened_by = models.TextField(default="message")
    until = models.DateTimeField(null=True)
    remaining = models.IntegerField(default=0)
    bot_remaining = models.IntegerField(default=0)
    closed_reason = models.TextField(default="", blank=True)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel_id", "identity"], name="one_window_a_person")]


class Touch(models.Model):
    """One message that went, or that did not and why."""

    channel_id = models.BigIntegerField()
    identity = models.ForeignKey("customers.Identity", on_delete=models.CASCADE, related_name="+")
    message_id = models.BigIntegerField(null=True)
    purpose = models.TextField(default="service")
    outcome = models.TextField()
    reason = models.TextField(default="", blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["identity", "-at"], name="touch_person")]
