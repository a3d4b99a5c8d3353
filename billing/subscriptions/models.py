"""What each workspace has subscribed to, and what Stripe has told of it."""

from django.db import models

from guanxi.common import clock
from guanxi.common.models import Timestamped


class Subscription(Timestamped):
    """A workspace's subscription: its trial, and from the first payment on a copy of what Stripe says of it."""

    class State(models.TextChoices):
        """How it stands with the payments."""

        TRIALING = "trialing"
        ACTIVE = "active"
        PAST_DUE = "past_due"
        CANCELLED = "cancelled"

    workspace = models.OneToOneField("workspaces.Workspace", on_delete=models.CASCADE, related_name="+")
    state = models.TextField(choices=State.choices, default=State.TRIALING)
    plan = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="+")
    seats = models.PositiveIntegerField(help_text="during the trial only a proposal; afterwards what is paid for")
    currency = models.CharField(max_length=3, default="", blank=True)
    interval = models.TextField(default="", blank=True)
    trial_ends_at = models.DateTimeField(null=True)
    current_period_end = models.DateTimeField(null=True)
    cancel_at_period_end = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)
    stripe_customer_id = models.TextField(null=True, unique=True)
    stripe_subscription_id = models.TextField(null=True, unique=True)
    checkout_page_id = models.TextField(default="", help_text="the last page that was opened to pay on")
    checkout_choice = models.TextField(default="", help_text="a digest of what that page sells")
    read_at = models.DateTimeField(null=True, help_text="when it was last read from Stripe")

    def __str__(self) -> str:
        return f"{self.workspace_id}: {self.state}"


class StripeEvent(models.Model):
    """A signed notification: kept before it is answered, worked off afterwards, once."""

    class State(models.TextChoices):
        """How far it is."""

        RECEIVED = "received"
        DONE = "done"
        IGNORED = "ignored"
        FAILED = "failed"

    event_id = models.TextField(unique=True)
    kind = models.TextField()
    created = models.DateTimeField(help_text="by Stripe's clock; says nothing about the order of arrival")
    api_version = models.TextField(default="")
    customer_id = models.TextField(default="", db_index=True)
    payload = models.JSONField(help_text="kept to look at; never what a subscription is written from")
    state = models.TextField(choices=State.choices, default=State.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(default="")
    received_at = models.DateTimeField(default=clock.now)
    worked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=models.Q(state__in=["received", "failed"]),
                name="stripe_event_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.kind} {self.state}"
