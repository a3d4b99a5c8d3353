"""The audit trail's table, in the tenant's schema."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from guanxi.common import clock


class AuditEntry(models.Model):
    """One thing that an actor did. A trigger in the database refuses to change or delete it."""

    at = models.DateTimeField(default=clock.now)
    actor_kind = models.TextField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.TextField(default="")
    reason = models.TextField(default="")
    action = models.TextField()
    kind = models.TextField()
    record_id = models.BigIntegerField()
    changes = models.JSONField(default=dict)
    request_id = models.TextField(default="")
    ip = models.GenericIPAddressField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "record_id", "-id"], name="audit_by_record"),
            models.Index(fields=["actor_id", "-id"], condition=models.Q(actor_id__isnull=False), name="audit_by_actor"),
            BrinIndex(fields=["at"], name="audit_by_time"),
        ]
