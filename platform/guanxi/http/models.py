"""Remembers the answers to requests that carry an Idempotency-Key."""

from django.db import models

from guanxi.common import clock


class IdempotencyRecord(models.Model):
    """One key of one caller, with the answer that it got."""

    caller = models.TextField()
    key = models.TextField()
    route = models.TextField()
    body_digest = models.TextField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(default="")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="idempotency_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]
