"""Where events are sent, and each event on its way there."""

from django.db import models

from guanxi.common.models import Timestamped


class WebhookEndpoint(Timestamped):
    """An address of another program, with what it wants to hear."""

    url = models.TextField()
    description = models.TextField(default="", blank=True)
    kinds = models.JSONField(default=list, help_text="empty: every kind")
    with_record = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    secret = models.TextField(default="", blank=True, help_text="sealed")
    previous_secret = models.TextField(default="", blank=True, help_text="sealed")
    previous_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey("members.Member", null=True, on_delete=models.PROTECT, related_name="+")
    # Whose eyes the record is read with: whoever set the address last, so that nobody borrows another's rights.
    reads_as = models.ForeignKey("members.Member", null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    # How it went lately: the first failure since the last success, and how many there were.
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    paused_until = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_reason = models.TextField(default="", blank=True)


class WebhookDelivery(models.Model):
    """One event on its way to one endpoint. `payload` holds ids and states: the record itself is never kept here."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting"
        DELIVERED = "delivered"
        FAILED = "failed"

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.BigIntegerField(null=True, help_text="null: a test event")
    kind = models.TextField()
    payload = models.JSONField(default=dict)
    state = models.TextField(choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0, help_text="since it was sent or replayed")
    status_code = models.PositiveSmallIntegerField(null=True)
    error = models.TextField(default="", blank=True)
    duration_ms = models.PositiveIntegerField(null=True)
    answer = models.TextField(default="", blank=True)
    history = models.JSONField(default=list)
    leased_until = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint", "event_id"], name="webhook_event_once")]
        indexes = [
            models.Index(fields=["endpoint", "state", "-id"], name="webhook_by_endpoint"),
            models.Index(fields=["state", "-id"], name="webhook_by_state"),
            models.Index(fields=["kind", "-id"], name="webhook_by_kind"),
            models.Index(fields=["created_at"], name="webhook_age"),
            models.Index(fields=["endpoint"], condition=models.Q(leased_until__isnull=False), name="webhook_leased"),
        ]
