"""Members of a workspace, their departments and roles, invitations and API keys."""

from django.conf import settings
from django.db import models

from guanxi.common import clock
from guanxi.common.models import Timestamped


class Department(Timestamped):
    """A node of the department tree; `path` lists the ids from the root to itself, such as `/1/4/`."""

    name = models.TextField()
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    path = models.TextField(default="")
    position = models.PositiveIntegerField(default=0)
    head = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["path"], name="department_path", opclasses=["text_pattern_ops"])]

    def __str__(self) -> str:
        return self.name


class Role(Timestamped):
    """A named set of grants: permission → scope, and field modes by record kind.

    `grants` is {"lead.read": {"scope": "DEPARTMENT", "departments": []}, …}; `field_modes` is {"customer": {"phone":
    "MASKED"}}.
    A built-in role keeps here only what differs from its defaults, which stand in code, so that it grows with each
    release; null takes
    a default away.
    """

    code = models.TextField()
    name = models.TextField(default="", blank=True)
    built_in = models.BooleanField(default=False)
    grants = models.JSONField(default=dict)
    field_modes = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], name="one_role_a_code")]

    def __str__(self) -> str:
        return self.code


class Member(Timestamped):
    """A person at work in the workspace."""

    class State(models.TextChoices):
        """Whether the member takes part."""

        ACTIVE = "active"
        SWITCHED_OFF = "switched_off"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
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
    version = models.PositiveIntegerField(default=1)
    last_seen_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        """Return whether the member takes part."""
        return self.state == self.State.ACTIVE


class Team(Timestamped):
    """A named group of members across departments: records are shared with it."""

    name = models.TextField()
    description = models.TextField(default="", blank=True)
    members = models.ManyToManyField(Member, related_name="teams")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="one_team_a_name")]

    def __str__(self) -> str:
        return self.name


class Delegation(Timestamped):
    """One member stands in for another who is absent: from the start to the end the absent one's records count as the
    other's own.
    """

    from_member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    to_member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.TextField(default="", blank=True)
    ended_at = models.DateTimeField(null=True, help_text="when somebody ended it before its time")
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["to_member", "ends_at"], name="delegation_to"),
            models.Index(fields=["from_member", "ends_at"], name="delegation_from"),
        ]


class Invitation(Timestamped):
    """A link by which somebody joins.

    There are two links: one goes by mail and proves the address, the other is shown once to whoever invites, to be
    passed on by chat.
    """

    email = models.EmailField(max_length=254)
    name = models.TextField(default="", blank=True)
    locale = models.TextField(default="zh-CN")
    mail_digest = models.TextField()
    link_digest = models.TextField()
    department = models.ForeignKey(Department, null=True, on_delete=models.SET_NULL, related_name="+")
    roles = models.ManyToManyField(Role, related_name="+")
    invited_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(default=clock.now)
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mail_digest"], name="one_invitation_a_mail"),
            models.UniqueConstraint(fields=["link_digest"], name="one_invitation_a_link"),
            models.UniqueConstraint(
                fields=["email"],
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="one_open_invitation_an_email",
            ),
        ]


class ApiKey(Timestamped):
    """A program's way in. Only the digest is kept; the key itself is shown once."""

    name = models.TextField()
    prefix = models.TextField()
    digest = models.TextField()
    permissions = models.JSONField(default=list)
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    acts_as_member = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix"], name="one_key_a_prefix")]


class FirstHourStep(models.Model):
    """A step of the guided first hour that is done."""

    code = models.TextField()
    done_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], name="one_first_hour_step_a_code")]
