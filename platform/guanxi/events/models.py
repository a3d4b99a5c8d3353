"""The outbox's tables, in the public schema."""

from django.db import models

from guanxi.common import clock


class OutboxEvent(models.Model):
    """Something that happened, waiting to be handed to its subscribers. It holds ids and states, no personal data."""

    class State(models.TextChoices):
        """Where the event is on its way."""

        PENDING = "pending"
        DONE = "done"
        DEAD = "dead"

    tenant_id = models.BigIntegerField(null=True)
    tenant_schema = models.TextField()
    kind = models.TextField()
    aggregate_kind = models.TextField()
    aggregate_id = models.BigIntegerField()
    data = models.JSONField(default=dict)
    audience = models.JSONField(null=True)
    actor_kind = models.TextField(default="system")
    actor_id = models.BigIntegerField(null=True)
    occurred_at = models.DateTimeField(default=clock.now)
    state = models.TextField(choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.now)
    leased_until = models.DateTimeField(null=True)
    error = models.TextField(default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = []
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state="pending"), name="outbox_pending"),
            models.Index(
                fields=["tenant_schema", "aggregate_kind", "aggregate_id", "id"],
                condition=models.Q(state="pending"),
                name="outbox_serial",
            ),
            models.Index(fields=["done_at"], condition=models.Q(state="done"), name="outbox_done"),
            models.Index(fields=["id"], condition=models.Q(state="dead"), name="outbox_dead"),
        ]


class EventDelivery(models.Model):
    """One subscriber has handled one event; written in the same transaction as the subscriber's effects, so it happens
    once.
    """

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.TextField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="one_delivery_a_subscriber")]
