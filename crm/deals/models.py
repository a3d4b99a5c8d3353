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
    """A stage of a pipeline.

    `next_stages` names the stages that may follow, None any; `back_policy` says whether a deal may go from here to a
    stage before. A stage that was merged into another stays, archived, since the history of deals names it.
    """

    class Kind(models.TextChoices):
        """What a deal in this stage is."""

        OPEN = "open"
        WON = "won"
        LOST = "lost"

    class BackPolicy(models.TextChoices):
        """Whether a deal may go back from a stage."""

        ALLOWED = "allowed"
        REASON = "reason"
        NEVER = "never"

    pipeline = models.ForeignKey(Pipeline, on_delete=models.CASCADE, related_name="stages")
    name = models.TextField()
    kind = models.TextField(choices=Kind.choices, default=Kind.OPEN)
    probability = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    max_days = models.PositiveIntegerField(null=True)
    required_fields = models.JSONField(default=list)
    next_stages = models.JSONField(null=True)
    back_policy = models.TextField(
        choices=BackPolicy.choices, default=BackPolicy.ALLOWED, db_default=BackPolicy.ALLOWED
    )
    archived_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["pipeline", "position"], name="stage_order")]


class LossReason(Timestamped):
    """Why deals are lost, in the tenant's own words."""

    name = models.TextField()
    position = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["position", "id"], name="lossreason_order")]


class Competitor(Timestamped):
    """Somebody else who sells the same, and what is known of them."""

    name = models.TextField()
    website = models.TextField(default="", blank=True)
    strengths = models.TextField(default="", blank=True)
    weaknesses = models.TextField(default="", blank=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="one_competitor_a_name")]


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
    loss_reason = models.ForeignKey(LossReason, null=True, on_delete=models.PROTECT, related_name="+")
    lost_note = models.TextField(default="", db_default="", blank=True)
    amount_from_lines = models.BooleanField(default=False, db_default=False)
    stuck_at = models.DateTimeField(null=True, help_text="when it will have been in its stage longer than allowed")
    description = models.TextField(default="", blank=True)
    search_keys = ArrayField(models.TextField(), default=list)

    class Meta:
        indexes = [
            GinIndex(fields=["custom"], opclasses=["jsonb_path_ops"], name="deal_custom"),
            models.Index(fields=["pipeline", "stage", "-updated_at", "-id"], name="deal_board"),
            models.Index(fields=["owner", "-updated_at", "-id"], name="deal_owner"),
            models.Index(fields=["-updated_at", "-id"], name="deal_recent"),
            models.Index(fields=["customer"], name="deal_customer"),
            models.Index(
                fields=["expected_close_on", "-id"],
                condition=models.Q(archived_at__isnull=True),
                name="deal_expected_close",
            ),
            models.Index(
                fields=["stuck_at"],
                condition=models.Q(stuck_at__isnull=False, archived_at__isnull=True),
                name="deal_stuck",
            ),
            GinIndex(fields=["search_keys"], name="deal_search"),
        ]


class DealContact(Timestamped):
    """The part that a contact plays in a deal."""

    class Role(models.TextChoices):
        """Parts in a purchase."""

        DECIDER = "decider"
        USER = "user"
        INFLUENCER = "influencer"
        PAYER = "payer"
        OTHER = "other"

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="contact_links")
    contact = models.ForeignKey("customers.Contact", on_delete=models.CASCADE, related_name="+")
    role = models.TextField(choices=Role.choices, default=Role.OTHER)
    note = models.TextField(default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "contact"], name="one_part_a_deal")]


class DealCompetitor(Timestamped):
    """A competitor who is after the same deal."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="competitor_links")
    competitor = models.ForeignKey(Competitor, on_delete=models.PROTECT, related_name="+")
    strengths = models.TextField(default="", blank=True)
    note = models.TextField(default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "competitor"], name="one_rival_a_deal")]


class DealLine(Timestamped):
    """Something that the deal would sell; `amount` is what is left after the discount."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="lines")
    name = models.TextField()
    quantity = models.DecimalField(max_digits=14, decimal_places=3, default=1)
    unit_price = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    discount = models.DecimalField(max_digits=5, decimal_places=2, default=0, help_text="in percent")
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["deal", "position", "id"], name="dealline_order")]
