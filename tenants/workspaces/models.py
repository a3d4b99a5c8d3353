"""Workspaces and what leads to them, in the public schema."""

from django.db import models
from django_tenants.models import TenantMixin

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
    state_since = models.DateTimeField(default=clock.now)
    locale = models.TextField(default="zh-CN")
    timezone = models.TextField(default="Asia/Shanghai")
    currency = models.CharField(max_length=3, default="CNY")
    plan_code = models.TextField(default="trial")
    owner_email = models.TextField(default="")
    terms_accepted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.slug

    @property
    def ref(self) -> TenantRef:
        """Return the workspace as the kernel knows it."""
        return TenantRef(self.pk, self.schema_name, self.slug)


class WorkspaceTransition(models.Model):
    """A step in a workspace's life: from, to, why, and how long the state before it lasted."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="transitions")
    from_state = models.TextField()
    to_state = models.TextField()
    reason = models.TextField()
    at = models.DateTimeField(default=clock.now)
    lasted = models.DurationField()


class Domain(Timestamped):
    """A company's own host name for its workspace.

    Until it is proven by a DNS record it routes nobody and keeps nobody else from it.

    `<slug>.<base domain>` needs no row: the slug itself says where it leads.
    """

    host = models.TextField()
    tenant = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="domains")
    challenge = models.TextField()
    verified_at = models.DateTimeField(null=True)
    is_primary = models.BooleanField(default=False)
    checked_at = models.DateTimeField(null=True, help_text="when the DNS record was last looked for")
    finding = models.TextField(default="", db_default="", help_text="what was wrong then: a stable code")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["host", "tenant"], name="one_domain_a_workspace"),
            models.UniqueConstraint(
                fields=["host"], condition=models.Q(verified_at__isnull=False), name="one_owner_a_domain"
            ),
            models.UniqueConstraint(fields=["tenant"], condition=models.Q(is_primary=True), name="one_primary_domain"),
        ]


class SchemaTemplate(models.Model):
    """What a new schema is made of: the SQL of the template, taken at each release.

    Empty SQL: migrate instead, which is slow.
    """

    release = models.TextField(unique=True)
    sql = models.TextField()
    made_at = models.DateTimeField(default=clock.now)


class SpareSchema(models.Model):
    """A schema made ready before anybody signs up; a sign-up renames it."""

    schema = models.TextField(unique=True)
    release = models.TextField()
    made_at = models.DateTimeField(default=clock.now)


class SignUp(Timestamped):
    """One submitted sign-up form, so that a double submit finds the first one and a slow one can show its progress."""

    class State(models.TextChoices):
        """How far the sign-up is."""

        PREPARING = "preparing"
        READY = "ready"
        FAILED = "failed"

    key = models.UUIDField(unique=True)
    slug = models.SlugField(max_length=40, db_index=False)
    form_digest = models.TextField()
    form = models.TextField(help_text="sealed: the form while the workspace is being prepared, empty afterwards")
    state = models.TextField(choices=State.choices, default=State.PREPARING)
    error = models.TextField(default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.SET_NULL, related_name="+")
    owner_user_id = models.BigIntegerField(null=True)
    ready_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], condition=models.Q(state="preparing"), name="sign_up_waiting")]


class HandOver(models.Model):
    """A single-use token that carries the new owner from the base host into the workspace."""

    token_digest = models.TextField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    sign_up = models.ForeignKey(SignUp, null=True, on_delete=models.CASCADE, related_name="hand_overs")
    user_id = models.BigIntegerField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class EmailPresence(models.Model):
    """That somebody with this address works in this workspace; the address is kept only as a keyed digest."""

    digest = models.TextField()
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "workspace"], name="one_presence_an_email")]


class ExternalRoute(models.Model):
    """Which workspace a caller means that brings a key instead of a host: an app id, a widget key, an API key."""

    kind = models.TextField()
    key = models.TextField()
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="one_route_a_key")]
