"""Notifications and what each member wants to hear, in the tenant's schema."""

from django.db import models

from guanxi.common import clock


class Notification(models.Model):
    """Something one member is told. The page makes the sentence from `kind` and `params`."""

    member_id = models.BigIntegerField()
    kind = models.TextField()
    params = models.JSONField(default=dict)
    record_kind = models.TextField(default="")
    record_id = models.BigIntegerField(null=True)
    dedupe_key = models.TextField(default="")
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member_id", "dedupe_key"], condition=~models.Q(dedupe_key=""), name="one_notification_a_key"
            )
        ]
        indexes = [
            models.Index(fields=["member_id", "-id"], name="notification_by_member"),
            models.Index(fields=["member_id"], condition=models.Q(read_at__isnull=True), name="notification_unread"),
        ]

    @property
    def record(self) -> tuple[str, int] | None:
        """Return what the notification is about."""
        return (self.record_kind, self.record_id) if self.record_id is not None else None


class NotificationPreference(models.Model):
    """What one member chose about one kind."""

    member_id = models.BigIntegerField()
    kind = models.TextField()
    in_app = models.BooleanField(default=True)
    email = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member_id", "kind"], name="one_preference_a_kind")]


class QuietHours(models.Model):
    """When one member gets no mail, in the member's own time; mails wait until it is over."""

    member_id = models.BigIntegerField(primary_key=True)
    begins = models.TimeField()
    ends = models.TimeField()
