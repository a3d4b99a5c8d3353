"""Customers, contacts, and the identities that channels know people by."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from crm.records.base import Record
from guanxi.common.models import Timestamped


class Customer(Record):
    """A company or a person that we deal with."""

    class Kind(models.TextChoices):
        """What sort of party the customer is."""

        COMPANY = "company"
        PERSON = "person"

    name = models.TextField()
    kind = models.TextField(choices=Kind.choices, default=Kind.COMPANY)
    level = models.CharField(max_length=1, default="", blank=True)
    industry = models.TextField(default="", blank=True)
    province = models.TextField(default="", blank=True)
    city = models.TextField(default="", blank=True)
    address = models.TextField(default="", blank=True)
    website = models.TextField(default="", blank=True)
    phone = models.TextField(default="", blank=True)
    email = models.TextField(default="", blank=True)
    description = models.TextField(default="", blank=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="subsidiaries")
    search_keys = ArrayField(models.TextField(), default=list)

    class Meta:
        indexes = [
            models.Index(
                fields=["-updated_at", "-id"], condition=models.Q(archived_at__isnull=True), name="customer_recent"
            ),
            models.Index(
                fields=["owner", "-updated_at", "-id"],
                condition=models.Q(archived_at__isnull=True),
                name="customer_owner",
            ),
            models.Index(
                fields=["owner_department_path", "-updated_at", "-id"],
                condition=models.Q(archived_at__isnull=True),
                name="customer_department",
                opclasses=["text_pattern_ops", "timestamptz_ops", "int8_ops"],
            ),
            models.Index(
                fields=["-created_at", "-id"], condition=models.Q(archived_at__isnull=True), name="customer_created"
            ),
            GinIndex(fields=["search_keys"], name="customer_search"),
            GinIndex(fields=["tags"], opclasses=["jsonb_path_ops"], name="customer_tags"),
            GinIndex(fields=["custom"], opclasses=["jsonb_path_ops"], name="customer_custom"),
            models.Index(fields=["city"], condition=models.Q(archived_at__isnull=True), name="customer_city"),
            models.Index(fields=["industry"], condition=models.Q(archived_at__isnull=True), name="customer_industry"),
            models.Index(fields=["source"], condition=models.Q(archived_at__isnull=True), name="customer_source"),
            models.Index(fields=["name", "id"], condition=models.Q(archived_at__isnull=True), name="customer_name"),
            models.Index(
                fields=["next_action_at", "id"], condition=models.Q(archived_at__isnull=True), name="customer_next"
            ),
            models.Index(fields=["phone"], condition=~models.Q(phone=""), name="customer_phone"),
            models.Index(fields=["email"], condition=~models.Q(email=""), name="customer_email"),
            models.Index(
                fields=["last_activity_at", "id"], condition=models.Q(archived_at__isnull=True), name="customer_last"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Contact(Record):
    """A person, linked to the customers that the person works for or decides at."""

    name = models.TextField()
    title = models.TextField(default="", blank=True)
    phone = models.TextField(default="", blank=True)
    email = models.TextField(default="", blank=True)
    wechat = models.TextField(default="", blank=True)
    birthday = models.DateField(null=True)
    description = models.TextField(default="", blank=True)
    customers = models.ManyToManyField(Customer, through="CustomerContact", related_name="contacts")
    search_keys = ArrayField(models.TextField(), default=list)

    class Meta:
        indexes = [
            models.Index(
                fields=["-updated_at", "-id"], condition=models.Q(archived_at__isnull=True), name="contact_recent"
            ),
            models.Index(
                fields=["owner", "-updated_at", "-id"],
                condition=models.Q(archived_at__isnull=True),
                name="contact_owner",
            ),
            GinIndex(fields=["search_keys"], name="contact_search"),
            GinIndex(fields=["tags"], opclasses=["jsonb_path_ops"], name="contact_tags"),
            GinIndex(fields=["custom"], opclasses=["jsonb_path_ops"], name="contact_custom"),
            models.Index(fields=["name", "id"], condition=models.Q(archived_at__isnull=True), name="contact_name"),
            models.Index(
                fields=["-created_at", "-id"], condition=models.Q(archived_at__isnull=True), name="contact_created"
            ),
            models.Index(
                fields=["next_action_at", "id"], condition=models.Q(archived_at__isnull=True), name="contact_next"
            ),
            models.Index(fields=["phone"], condition=~models.Q(phone=""), name="contact_phone"),
            models.Index(fields=["email"], condition=~models.Q(email=""), name="contact_email"),
            models.Index(fields=["wechat"], condition=~models.Q(wechat=""), name="contact_wechat"),
            models.Index(
                fields=["last_activity_at", "id"], condition=models.Q(archived_at__isnull=True), name="contact_last"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CustomerContact(Timestamped):
    """What a contact is at a customer."""

    class Role(models.TextChoices):
        """The part a contact plays in a purchase."""

        DECIDER = "decider"
        USER = "user"
        INFLUENCER = "influencer"
        PAYER = "payer"
        OTHER = "other"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contact_links")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="customer_links")
    role = models.TextField(choices=Role.choices, default=Role.OTHER)
    is_primary = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "contact"], name="one_link_a_pair")]


class Identity(Timestamped):
    """What a channel knows a person by; it joins a conversation with a lead, a contact and a customer."""

    class Kind(models.TextChoices):
        """Kinds of identity."""

        PHONE = "phone"
        EMAIL = "email"
        WECHAT_OPENID = "wechat_openid"
        WECHAT_UNIONID = "wechat_unionid"
        WECHAT_ID = "wechat_id"
        WECOM_EXTERNAL_USERID = "wecom_external_userid"
        WEB_VISITOR = "web_visitor"

    kind = models.TextField(choices=Kind.choices)
    value = models.TextField(help_text="normalised; openids carry their app id: wx…:o…")
    verified_at = models.DateTimeField(null=True)
    display_name = models.TextField(default="", blank=True)
    avatar_url = models.TextField(default="", blank=True)
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="identities")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="identities")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="one_identity")]


class Consent(Timestamped):
    """What a person agreed to: channel, purpose, the text that was shown, and until when."""

    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="consents")
    channel = models.TextField()
    purpose = models.TextField()
    text_version = models.TextField()
    proof = models.JSONField(default=dict)
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["identity", "purpose"], name="consent_person")]
