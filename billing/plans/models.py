"""Plans in versions, and what they cost."""

from django.db import models

from billing.plans.types import Interval
from guanxi.common.models import Timestamped


class Plan(Timestamped):
    """One version of a plan. Its words stand in the page's catalog under its code; a row never changes its meaning."""

    code = models.TextField()
    version = models.PositiveIntegerField()
    position = models.PositiveSmallIntegerField(default=0)
    trial_days = models.PositiveSmallIntegerField(default=0)
    at_sign_up = models.BooleanField(default=False)
    for_sale = models.BooleanField(default=True)
    seats = models.PositiveIntegerField(null=True)
    features = models.JSONField(null=True, help_text="a list of codes; null: all of them")
    limits = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="one_plan_a_version")]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class Price(models.Model):
    """What a seat costs for an interval, in the currency's smallest unit."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="prices")
    currency = models.CharField(max_length=3)
    interval = models.TextField(choices=[(each.value, each.value) for each in Interval])
    amount = models.PositiveIntegerField()
    lookup_key = models.TextField(unique=True, help_text="the price's name at the payment provider")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "currency", "interval"], name="one_price_a_currency_and_interval")
        ]
