"""What the API of members takes and gives."""

from datetime import datetime
from typing import Any

from ninja import Field, Schema
from ninja.responses import Status

from guanxi.common import clock

__all__ = ["Status"]


class DepartmentRef(Schema):
    """A department as a member shows it."""

    id: int
    name: str


class MemberRef(Schema):
    """A member as others show it."""

    id: int
    name: str


class MemberOut(Schema):
    """A member."""

    id: int
    name: str
    email: str
    phone: str
    title: str
    state: str
    roles: list[str]
    department: DepartmentRef | None
    manager: MemberRef | None
    locale: str
    timezone: str
    last_seen_at: datetime | None
    created_at: datetime
    version: int


class MemberFilters(Schema):
    """`?q=` looks at name, e-mail and phone."""

    q: str = Field("", max_length=100)
    state: str = Field("", pattern="^(active|switched_off)?$")
    role: str = Field("", max_length=40)
    department: int | None = None


class MemberChangesIn(Schema):
    """What may be changed of a member; absent stays."""

    name: str | None = Field(None, max_length=200)
    title: str | None = Field(None, max_length=80)
    phone: str | None = Field(None, max_length=40)
    manager_id: int | None = None
    department_id: int | None = None
    roles: list[str] | None = Field(None, max_length=20)


class DepartmentOut(Schema):
    """A node of the tree; parents come before children."""

    id: int
    name: str
    parent_id: int | None
    path: str
    position: int
    head_id: int | None
    members: int


class DepartmentsOut(Schema):
    """The whole tree."""

    items: list[DepartmentOut]


class DepartmentIn(Schema):
    """A new department, below the root when no parent is named."""

    name: str = Field(max_length=200)
    parent_id: int | None = None


class DepartmentChangesIn(Schema):
    """What may be changed of it; absent stays, `head_id` null takes the head away."""

    name: str | None = Field(None, max_length=200)
    position: int | None = Field(None, ge=0, le=10_000)
    head_id: int | None = None


class DepartmentMoveIn(Schema):
    """Where it shall hang."""

    parent_id: int


class GrantIn(Schema):
    """How far a permission reaches; `departments` are paths, for CHOSEN alone."""

    scope: str
    departments: list[str] = Field(default_factory=list, max_length=100)


class RoleOut(Schema):
    """A role with all that it grants, defaults of built-in ones included."""

    id: int
    code: str
    name: str
    built_in: bool
    grants: dict[str, GrantIn]
    field_modes: dict[str, dict[str, str]]
    members: int
    defaults: dict[str, str] | None


class RolesOut(Schema):
    """All roles, and the permissions that there are by kind."""

    items: list[RoleOut]
    permissions: dict[str, list[str]]


class RoleIn(Schema):
    """A new role."""

    code: str = Field(max_length=60)
    name: str = Field(max_length=200)
    grants: dict[str, GrantIn]
    field_modes: dict[str, dict[str, str]] = Field(default_factory=dict)


class RoleChangesIn(Schema):
    """What may be changed of it; absent stays. Grants are given whole."""

    name: str | None = Field(None, max_length=200)
    grants: dict[str, GrantIn] | None = None
    field_modes: dict[str, dict[str, str]] | None = None


class TeamOut(Schema):
    """A team with its members at work."""

    id: int
    name: str
    description: str
    members: list[MemberRef]

    @staticmethod
    def resolve_members(team: Any) -> list[Any]:
        """Return the members; the list has loaded them already."""
        return list(team.members.all())


class TeamsOut(Schema):
    """All teams."""

    items: list[TeamOut]


class TeamIn(Schema):
    """A new team."""

    name: str = Field(max_length=200)
    description: str = Field("", max_length=200)
    member_ids: list[int] = Field(default_factory=list, max_length=500)


class TeamPatch(Schema):
    """What may be changed of it; absent stays, members are given whole."""

    name: str | None = Field(None, max_length=200)
    description: str | None = Field(None, max_length=200)
    member_ids: list[int] | None = Field(None, max_length=500)


class DelegationIn(Schema):
    """Who stands in, from when to when; for oneself unless another member is named."""

    to_member_id: int
    from_member_id: int | None = None
    starts_at: datetime
    ends_at: datetime
    note: str = Field("", max_length=200)


class DelegationOut(Schema):
    """Somebody stands in for somebody; `state` is planned, active or over."""

    id: int
    from_member: MemberRef
    to_member: MemberRef
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    note: str
    state: str

    @staticmethod
    def resolve_state(delegation: Any) -> str:
        """Return planned, active or over."""
        now = clock.now()
        if delegation.ended_at is not None or delegation.ends_at <= now:
            return "over"
        return "planned" if delegation.starts_at > now else "active"


class InvitationIn(Schema):
    """Whom to invite, as what."""

    email: str = Field(max_length=300)
    name: str = Field("", max_length=50)
    roles: list[str] = Field(min_length=1, max_length=20)
    department_id: int | None = None
    locale: str = Field("zh-CN", pattern="^(zh-CN|en)$")


class InvitationOut(Schema):
    """An invitation; its state is open, expired, accepted or revoked."""

    id: int
    email: str
    name: str
    roles: list[str]
    department: DepartmentRef | None
    invited_by: MemberRef | None
    state: str
    expires_at: datetime
    created_at: datetime
    member_id: int | None


class NewInvitationOut(Schema):
    """The link that is shown this once."""

    id: int
    link: str


class OpenInvitationOut(Schema):
    """What whoever holds the link may see."""

    workspace: str
    email: str
    name: str
    inviter: str
    locale: str
    expires_at: datetime


class AcceptIn(Schema):
    """The new member's name and password."""

    name: str = Field(max_length=200)
    password: str = Field(max_length=1000)


class JoinedOut(Schema):
    """The new member; the answer carries the session."""

    member_id: int


class ApiKeyIn(Schema):
    """A new key; without `acts_as_me` it acts for the whole workspace."""

    name: str = Field(max_length=200)
    permissions: list[str] = Field(max_length=300)
    acts_as_me: bool = False
    expires_at: datetime | None = None


class ApiKeyOut(Schema):
    """A key; the secret is not kept."""

    id: int
    name: str
    prefix: str
    permissions: list[str]
    member: MemberRef | None
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


class NewApiKeyOut(Schema):
    """The key itself, shown this once."""

    id: int
    key: str


class FirstHourItemOut(Schema):
    """A step of the guided first hour."""

    code: str
    done_at: datetime | None


class FirstHourOut(Schema):
    """All of them in their order."""

    items: list[FirstHourItemOut]


class ProfileIn(Schema):
    """What members may change of themselves; absent stays, `settings` are merged."""

    name: str | None = Field(None, max_length=200)
    title: str | None = Field(None, max_length=80)
    phone: str | None = Field(None, max_length=40)
    locale: str | None = Field(None, max_length=20)
    timezone: str | None = Field(None, max_length=60)
    theme: str | None = Field(None, max_length=20)
    settings: dict[str, Any] | None = None


class ProfileOut(Schema):
    """The member behind the session."""

    id: int
    name: str
    email: str
    phone: str
    title: str
    locale: str
    timezone: str
    theme: str
    settings: dict[str, Any]
    department: DepartmentRef | None
    roles: list[str]


class SessionWorkspace(Schema):
    """The workspace as anybody at its host may see it."""

    name: str
    slug: str
    locale: str
    timezone: str
    currency: str
    plan_code: str
    state: str
    url: str


class SessionOut(Schema):
    """Who is here; `member` is null while nobody is signed in."""

    signed_in: bool
    workspace: SessionWorkspace
    member: ProfileOut | None
    permissions: list[str]
    scopes: dict[str, str]
    field_modes: dict[str, dict[str, str]]
    features: list[str] | None
    unread_notifications: int
    csrf_token: str
