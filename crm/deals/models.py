"""Deals on their way through the stages of a pipeline."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from crm.records.base import Record
from guanxi.common import clock
from guanxi.common.models import Timestamped


class Pipeline(Timestamped):
    """A way of selling, as a row of stages."""

    name = models.TextField()
    is_default = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True)


class Stage(Timestamped):
    """A stage of a pipeline."""

    class Kind(models.TextChoices):
        """What a deal in this stage is."""

        OPEN = "open"
        WON = "won"
        LOST = "lost"

    pipeline = models.ForeignKey(Pipeline, on_delete=models.CASCADE, related_name="stages")
    name = models.TextField()
    kind = models.TextField(choices=Kind.choices, default=Kind.OPEN)
    probability = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    max_days = models.PositiveIntegerField(null=True)
    required_fields = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["pipeline", "position"], name="stage_order")]


class Deal(Record):
    """A chance to sell something to a customer."""

    name = models.TextField()
    customer = models.ForeignKey("customers.Customer", null=True, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey("customers.Contact", null=True, on_delete=models.SET_NULL, related_name="+")
    pipeline = models.ForeignKey(Pipeline, on_delete=models.PROTECT, related_name="+")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+")
    stage_entered_at = models.DateTimeField(default=clock.now)
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    currency = models.CharField(max_length=3, default="CNY")
    expected_close_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    lost_reason = models.TextField(default="", blank=True)
    description = models.TextField(default="", blank=True)
    search_keys = ArrayField(models.TextField(), default=list)

    class Meta:
        indexes = [
            models.Index(fields=["pipeline", "stage", "-updated_at", "-id"], name="deal_board"),
            models.Index(fields=["owner", "-updated_at", "-id"], name="deal_owner"),
            models.Index(fields=["-updated_at", "-id"], name="deal_recent"),
            models.Index(fields=["customer"], name="deal_customer"),
            GinIndex(fields=["search_keys"], name="deal_search"),
        ]
