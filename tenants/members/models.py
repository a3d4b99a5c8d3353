"""Members of a workspace, their departments and roles, invitations and API keys."""

from django.conf import settings
from django.db import models

from guanxi.common import clock
from guanxi.common.models import Timestamped


class Department(Timestamped):
    """A node of the department tree; `path` lists the ids from the root to itself, such as `/1/4/`."""

    name = models.TextField()
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    path = models.TextField(default="", db_index=False)
    position = models.PositiveIntegerField(default=0)
    head = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["path"], name="department_path", opclasses=["text_pattern_ops"])]


class Role(Timestamped):
    """A named set of grants: permission → scope, and field modes by record kind.

    `grants` is {"lead.read": {"scope": "DEPARTMENT", "departments": []}, …}; `field_modes` is {"customer": {"phone": "MASKED"}}.
    """

    code = models.TextField(unique=True)
    name = models.TextField(default="")
    built_in = models.BooleanField(default=False)
    grants = models.JSONField(default=dict)
    field_modes = models.JSONField(default=dict)


class Member(Timestamped):
    """A person at work in the workspace."""

    class State(models.TextChoices):
        """Whether the member takes part."""

        ACTIVE = "active"
        SWITCHED_OFF = "switched_off"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="member")
    name = models.TextField()
    state = models.TextField(choices=State.choices, default=State.ACTIVE)
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="members")
    manager = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="reports")
    roles = models.ManyToManyField(Role, related_name="members")
    title = models.TextField(default="", blank=True)
    phone = models.TextField(default="", blank=True)
    locale = models.TextField(default="zh-CN")
    timezone = models.TextField(default="Asia/Shanghai")
    theme = models.TextField(default="system")
    settings = models.JSONField(default=dict)
    last_seen_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Invitation(Timestamped):
    """A link by which somebody joins."""

    email = models.EmailField(max_length=254)
    name = models.TextField(default="", blank=True)
    token_digest = models.CharField(max_length=64, unique=True)
    department = models.ForeignKey(Department, null=True, on_delete=models.SET_NULL, related_name="+")
    roles = models.ManyToManyField(Role, related_name="+")
    invited_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class ApiKey(Timestamped):
    """A program's way in. Only the digest is kept; the key itself is shown once."""

    name = models.TextField()
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    permissions = models.JSONField(default=list)
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    created_by_id = models.BigIntegerField(null=True)


class FirstHourStep(models.Model):
    """A step of the guided first hour that is done."""

    code = models.TextField(unique=True)
    done_at = models.DateTimeField(default=clock.now)
