"""History, saved views and shares of any record."""

from django.db import models

from guanxi.common import clock
from guanxi.common.models import Timestamped


class StateChange(models.Model):
    """One step of a record through its state machine or its stages; never changed afterwards."""

    kind = models.TextField()
    record_id = models.BigIntegerField()
    field = models.TextField(default="state")
    before = models.TextField(default="")
    after = models.TextField()
    actor_kind = models.TextField()
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=clock.now)
    seconds_before = models.BigIntegerField(null=True, help_text="how long the record had been in `before`")
    note = models.TextField(default="")

    class Meta:
        indexes = [models.Index(fields=["kind", "record_id", "at"], name="statechange_record")]


class SavedView(Timestamped):
    """A named list: filters, columns and order of one kind."""

    kind = models.TextField()
    name = models.TextField()
    member = models.ForeignKey("members.Member", on_delete=models.CASCADE, related_name="+")
    shared = models.BooleanField(default=False)
    filters = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    order = models.TextField(default="")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["kind", "member"], name="savedview_list")]
