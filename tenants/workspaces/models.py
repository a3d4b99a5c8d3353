"""Workspaces and what leads to them, in the public schema."""

from django.db import models
from django_tenants.models import DomainMixin, TenantMixin

from guanxi.common import clock
from guanxi.common.models import Timestamped
from guanxi.tenancy import TenantRef


class Workspace(TenantMixin, Timestamped):
    """A company's workspace: a tenant with a schema of its own."""

    class State(models.TextChoices):
        """Where the workspace is in its life."""

        PROVISIONING = "provisioning"
        TRIALING = "trialing"
        ACTIVE = "active"
        PAST_DUE = "past_due"
        READ_ONLY = "read_only"
        SUSPENDED = "suspended"
        CLOSING = "closing"
        DELETED = "deleted"

    auto_create_schema = False
    auto_drop_schema = False

    name = models.TextField()
    slug = models.SlugField(max_length=40, unique=True)
    state = models.TextField(choices=State.choices, default=State.PROVISIONING)
    locale = models.TextField(default="zh-CN")
    timezone = models.TextField(default="Asia/Shanghai")
    currency = models.CharField(max_length=3, default="CNY")
    plan_code = models.TextField(default="trial")
    owner_email = models.TextField(default="")

    class Meta:
        indexes = [models.Index(fields=["owner_email"], name="workspace_owner")]

    def __str__(self) -> str:
        return self.slug

    @property
    def ref(self) -> TenantRef:
        """Return the workspace as the kernel knows it."""
        return TenantRef(self.pk, self.schema_name, self.slug)


class Domain(DomainMixin):
    """A host name of a workspace; `verified_at` is null while a custom domain is not proven."""

    verified_at = models.DateTimeField(null=True, default=clock.now)


class SpareSchema(models.Model):
    """A schema made ready before anybody signs up; a sign-up renames it."""

    schema = models.TextField(unique=True)
    release = models.TextField()
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["made_at"], name="spare_oldest")]


class SignUp(Timestamped):
    """One submitted sign-up form, so that a double submit finds the first one and a slow one can show its progress."""

    class State(models.TextChoices):
        """How far the sign-up is."""

        PREPARING = "preparing"
        READY = "ready"
        FAILED = "failed"

    key = models.UUIDField(unique=True)
    slug = models.SlugField(max_length=40)
    form = models.TextField(help_text="sealed: the form while the workspace is being prepared, empty afterwards")
    state = models.TextField(choices=State.choices, default=State.PREPARING)
    error = models.TextField(default="")
    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.SET_NULL, related_name="+")


class HandOver(models.Model):
    """A single-use token that carries the new owner from the base host into the workspace."""

    token_digest = models.CharField(max_length=64, primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    user_id = models.BigIntegerField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class ExternalRoute(models.Model):
    """Which workspace a caller means that brings a key instead of a host: an app id, a widget key, an API key."""

    kind = models.TextField()
    key = models.TextField()
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="one_route_a_key")]
