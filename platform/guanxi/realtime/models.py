"""The numbered events of a tenant, in its schema."""

from django.db import models

from guanxi.common import clock


class LiveCounter(models.Model):
    """One row: the number of the tenant's last event. Its lock puts the numbers in the order of the commits."""

    last_seq = models.BigIntegerField(default=0)


class LiveEvent(models.Model):
    """An event as the sockets tell it, kept for those who were away."""

    seq = models.BigIntegerField(primary_key=True)
    kind = models.TextField()
    record_kind = models.TextField()
    record_id = models.BigIntegerField()
    data = models.JSONField(default=dict)
    audience = models.JSONField()
    at = models.DateTimeField(default=clock.now)
