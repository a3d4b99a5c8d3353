"""The abstract base of our tables."""

from django.db import models

from guanxi.common import clock


class Timestamped(models.Model):
    """A row that knows when it came and when it last changed, by our clock."""

    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True
