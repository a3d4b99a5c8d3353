"""Leads and the rules that give them to people."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from crm.records.base import Record
from guanxi.common.models import Timestamped


class Lead(Record):
    """Somebody who may need something; not yet checked."""

    class State(models.TextChoices):
        """The lead's way."""

        NEW = "new"
        ASSIGNED = "assigned"
        CONTACTING = "contacting"
        QUALIFIED = "qualified"
        CONVERTED = "converted"
        NURTURING = "nurturing"
        INVALID = "invalid"

    name = models.TextField(default="", blank=True)
    company = models.TextField(default="", blank=True)
    phone = models.TextField(default="", blank=True, db_index=False)
    email = models.TextField(default="", blank=True)
    wechat = models.TextField(default="", blank=True)
    title = models.TextField(default="", blank=True)
    city = models.TextField(default="", blank=True)
    need = models.TextField(default="", blank=True)
    budget = models.TextField(default="", blank=True)
    timing = models.TextField(default="", blank=True)
    state = models.TextField(choices=State.choices, default=State.NEW)
    state_reason = models.TextField(default="", blank=True)
    score = models.PositiveSmallIntegerField(default=0)
    response_due_at = models.DateTimeField(null=True)
    first_response_at = models.DateTimeField(null=True)
    assigned_at = models.DateTimeField(null=True)
    first_touch = models.JSONField(default=dict)
    last_touch = models.JSONField(default=dict)
    identity = models.ForeignKey("customers.Identity", null=True, on_delete=models.SET_NULL, related_name="+")
    conversation_id = models.BigIntegerField(null=True)
    converted_customer = models.ForeignKey("customers.Customer", null=True, on_delete=models.SET_NULL, related_name="+")
    converted_contact = models.ForeignKey("customers.Contact", null=True, on_delete=models.SET_NULL, related_name="+")
    converted_deal = models.ForeignKey("deals.Deal", null=True, on_delete=models.SET_NULL, related_name="+")
    converted_at = models.DateTimeField(null=True)
    search_keys = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identity"],
                condition=models.Q(archived_at__isnull=True, state__in=["new", "assigned", "contacting", "qualified"]),
                name="one_open_lead_a_person",
            )
        ]
        indexes = [
            models.Index(
                fields=["-created_at", "-id"], condition=models.Q(archived_at__isnull=True), name="lead_recent"
            ),
            models.Index(
                fields=["owner", "-created_at", "-id"], condition=models.Q(archived_at__isnull=True), name="lead_owner"
            ),
            models.Index(fields=["phone"], condition=~models.Q(phone=""), name="lead_phone"),
            models.Index(fields=["email"], condition=~models.Q(email=""), name="lead_email"),
            models.Index(fields=["wechat"], condition=~models.Q(wechat=""), name="lead_wechat"),
            models.Index(fields=["company"], condition=~models.Q(company=""), name="lead_company"),
            GinIndex(fields=["search_keys"], name="lead_search"),
            GinIndex(fields=["tags"], opclasses=["jsonb_path_ops"], name="lead_tags"),
            GinIndex(fields=["custom"], opclasses=["jsonb_path_ops"], name="lead_custom"),
            models.Index(
                fields=["-updated_at", "-id"], condition=models.Q(archived_at__isnull=True), name="lead_changed"
            ),
            models.Index(fields=["score", "id"], condition=models.Q(archived_at__isnull=True), name="lead_score"),
            models.Index(
                fields=["next_action_at", "id"], condition=models.Q(archived_at__isnull=True), name="lead_next"
            ),
            models.Index(
                fields=["last_activity_at", "id"], condition=models.Q(archived_at__isnull=True), name="lead_last"
            ),
        ]


class AssignmentRule(Timestamped):
    """Which leads go to whom, and how soon they must be answered. The first active rule that fits is used."""

    class Method(models.TextChoices):
        """How one of several members is chosen."""

        ROUND_ROBIN = "round_robin"
        LEAST_LOADED = "least_loaded"

    name = models.TextField()
    active = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)
    sources = models.JSONField(default=list, help_text="empty: every source")
    method = models.TextField(choices=Method.choices, default=Method.ROUND_ROBIN)
    member_ids = models.JSONField(default=list)
    online_only = models.BooleanField(default=False)
    response_minutes = models.PositiveIntegerField(default=30)
    last_member_id = models.BigIntegerField(null=True)
