"""Reads members, departments, roles, invitations and keys."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from guanxi.access import Actor, allows, require
from guanxi.common.errors import Invalid, NotFound
from guanxi.notifications import Recipient
from guanxi.tenancy import require_tenant
from tenants.members.actors import (
    actor_of,
    actor_of_member_id,
    everybodys_actors,
    load_actor,
    load_key_actor,
    role_grants,
    subordinate_ids,
)
from tenants.members.models import ApiKey, Delegation, Department, FirstHourStep, Invitation, Member, Role, Team
from tenants.members.types import FirstHour, FirstHourItem, MemberCard, PersonAtWork
from tenants.workspaces.selectors import workspace_url

__all__ = [
    "access_api_key",
    "access_department",
    "access_invitation",
    "access_member",
    "access_role",
    "active_member_ids",
    "active_members_with_permission",
    "active_members_with_role",
    "actor_for",
    "actor_of_member_id",
    "department_of",
    "department_path_of",
    "everybodys_actors",
    "is_on_duty",
    "load_actor",
    "load_key_actor",
    "load_member_actor",
    "member_cards",
    "member_names",
    "people_at_work",
    "require_active_member",
    "role_grants",
    "search_members",
    "subject_names",
    "subordinate_ids",
    "team_members",
    "visible_api_keys",
    "visible_delegations",
    "visible_departments",
    "visible_invitations",
    "visible_members",
    "visible_roles",
    "visible_teams",
]

# The kernel's name for it.
load_member_actor = load_actor


def visible_members(actor: Actor) -> QuerySet[Member]:
    """Return the members that the actor may read of, with department and roles at hand."""
    if not allows(actor, "member.read"):
        return Member.objects.filter(pk=actor.member_id) if actor.member_id else Member.objects.none()
    return Member.objects.select_related("department", "user", "manager").prefetch_related("roles")


def access_member(actor: Actor, member_id: int) -> Member:
    """Return a member that the actor may read of, or raise NotFound."""
    member = visible_members(actor).filter(pk=member_id).first()
    if member is None:
        raise NotFound("member", member_id)
    return member


def search_members(
    actor: Actor, *, query: str = "", state: str = "", role: str = "", department_id: int | None = None
) -> QuerySet[Member]:
    """Return members by part of their name, e-mail or phone, by state, by role, by department and below."""
    found = visible_members(actor)
    if query:
        found = found.filter(Q(name__icontains=query) | Q(user__email__icontains=query) | Q(phone__contains=query))
    if state:
        found = found.filter(state=state)
    if role:
        found = found.filter(pk__in=Member.roles.through.objects.filter(role__code=role).values("member_id"))
    if department_id is not None:
        path = Department.objects.filter(pk=department_id).values_list("path", flat=True).first()
        found = found.filter(department__path__startswith=path) if path else found.none()
    return found


def department_of(member_id: int | None) -> str:
    """Return the path of the member's department, empty without one."""
    if member_id is None:
        return ""
    path = Member.objects.filter(pk=member_id).values_list("department__path", flat=True).first()
    return path or ""


department_path_of = department_of


def department_paths(department_ids: Iterable[int]) -> list[str]:
    """Return the paths of departments; those that are gone are left out."""
    return list(Department.objects.filter(pk__in=list(department_ids)).order_by("pk").values_list("path", flat=True))


def member_names(member_ids: Iterable[int | None]) -> dict[int, str]:
    """Return id → name, also of members who have left."""
    wanted = {member_id for member_id in member_ids if member_id is not None}
    return dict(Member.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def member_cards(member_ids: Iterable[int | None]) -> dict[int, MemberCard]:
    """Return id → card, also of members who have left."""
    wanted = {member_id for member_id in member_ids if member_id is not None}
    rows = Member.objects.filter(pk__in=wanted).values_list("pk", "name", "title", "state") if wanted else []
    return {pk: MemberCard(pk, name, title, state == Member.State.ACTIVE) for pk, name, title, state in rows}


def active_member_ids(member_ids: Iterable[int] | None = None) -> list[int]:
    """Return which of these members (of all, when None) are at work, in the order of their ids."""
    found = Member.objects.filter(state=Member.State.ACTIVE)
    if member_ids is not None:
        found = found.filter(pk__in=list(member_ids))
    return list(found.order_by("pk").values_list("pk", flat=True))


def people_at_work() -> list[PersonAtWork]:
    """Return everybody at work with the department that they are in, by name."""
    rows = Member.objects.filter(state=Member.State.ACTIVE).select_related("department").order_by("name", "pk")
    return [
        PersonAtWork(
            member.pk,
            member.name,
            member.department.name if member.department else "",
            member.department.path if member.department else "",
        )
        for member in rows
    ]


def active_members_with_role(*codes: str) -> list[int]:
    """Return the ids of members at work who have any of these roles, in the order of their ids."""
    found = Member.objects.filter(state=Member.State.ACTIVE, roles__code__in=codes)
    return list(found.order_by("pk").distinct().values_list("pk", flat=True))


def active_members_with_permission(permission: str) -> list[int]:
    """Return the ids of members at work whose roles grant the permission at any reach, in the order of their ids."""
    granting = [role.pk for role in Role.objects.all() if permission in role_grants(role)]
    found = Member.objects.filter(state=Member.State.ACTIVE, roles__in=granting)
    return list(found.order_by("pk").distinct().values_list("pk", flat=True))


def actor_for(member: Member) -> Actor:
    """Return the actor of a member that is loaded already."""
    return actor_of(member)


def actor_of_email(email: str) -> Actor:
    """Return the actor of a member at work, by the address it signs in with; raise NotFound for an unknown one."""
    member = Member.objects.select_related("user", "department").filter(user__email=email.lower()).first()
    if member is None:
        raise NotFound("member", email)
    return actor_for(member)


def actor_of_member(member_id: int) -> Actor:
    """Return the actor of a member at work, with the rights that it has now; raise NotFound for one who has left."""
    actor = actor_of_member_id(member_id)
    if actor is None:
        raise NotFound("member", member_id)
    return actor


def visible_departments(actor: Actor) -> QuerySet[Department]:
    """Return the departments, parents before children."""
    require(actor, "department.read")
    return Department.objects.order_by("path")


def access_department(actor: Actor, department_id: int) -> Department:
    """Return a department, or raise NotFound."""
    department = visible_departments(actor).filter(pk=department_id).first()
    if department is None:
        raise NotFound("department", department_id)
    return department


def visible_roles(actor: Actor) -> QuerySet[Role]:
    """Return the roles."""
    require(actor, "role.read")
    return Role.objects.order_by("pk")


def access_role(actor: Actor, role_id: int) -> Role:
    """Return a role, or raise NotFound."""
    role = visible_roles(actor).filter(pk=role_id).first()
    if role is None:
        raise NotFound("role", role_id)
    return role


def visible_teams(actor: Actor) -> QuerySet[Team]:
    """Return the teams with their members at work."""
    require(actor, "team.read")
    at_work = Prefetch("members", Member.objects.filter(state=Member.State.ACTIVE).order_by("name", "pk"))
    return Team.objects.prefetch_related(at_work).order_by("name", "pk")


def access_team(actor: Actor, team_id: int) -> Team:
    """Return a team, or raise NotFound."""
    team = visible_teams(actor).filter(pk=team_id).first()
    if team is None:
        raise NotFound("team", team_id)
    return team


def team_members(team_id: int) -> list[int]:
    """Return the ids of a team's members at work."""
    at_work = Member.objects.filter(state=Member.State.ACTIVE, teams=team_id)
    return list(at_work.order_by("pk").values_list("pk", flat=True))


def visible_delegations(actor: Actor) -> QuerySet[Delegation]:
    """Return the delegations from or to the actor, everybody's for whoever manages them."""
    rows = Delegation.objects.select_related("from_member", "to_member")
    if not allows(actor, "delegation.manage"):
        me = actor.member_id or 0
        rows = rows.filter(Q(from_member_id=me) | Q(to_member_id=me))
    return rows


def subject_names(subjects: Iterable[str]) -> dict[str, str]:
    """Return the names of whom shares name: `member:7`, `team:3`, `department:4`; what is gone is left out."""
    models: dict[str, Any] = {"member": Member, "team": Team, "department": Department}
    wanted: dict[str, set[int]] = {}
    for subject in subjects:
        kind, _, number = subject.partition(":")
        if kind in models and number.isdecimal():
            wanted.setdefault(kind, set()).add(int(number))
    return {
        f"{kind}:{pk}": name
        for kind, ids in wanted.items()
        for pk, name in models[kind].objects.filter(pk__in=ids).values_list("pk", "name")
    }


def visible_invitations(actor: Actor) -> QuerySet[Invitation]:
    """Return all invitations, with roles and department at hand."""
    require(actor, "invitation.read")
    return Invitation.objects.select_related("department", "invited_by").prefetch_related("roles")


def access_invitation(actor: Actor, invitation_id: int) -> Invitation:
    """Return an invitation, or raise NotFound."""
    invitation = visible_invitations(actor).filter(pk=invitation_id).first()
    if invitation is None:
        raise NotFound("invitation", invitation_id)
    return invitation


def visible_api_keys(actor: Actor) -> QuerySet[ApiKey]:
    """Return all keys."""
    require(actor, "api_key.read")
    return ApiKey.objects.select_related("member")


def access_api_key(actor: Actor, key_id: int) -> ApiKey:
    """Return a key, or raise NotFound."""
    key = visible_api_keys(actor).filter(pk=key_id).first()
    if key is None:
        raise NotFound("api_key", key_id)
    return key


def profile_of(member_id: int) -> dict[str, Any]:
    """Return what a member set for itself."""
    member = Member.objects.select_related("user", "department").prefetch_related("roles").get(pk=member_id)
    return {
        "id": member.pk,
        "name": member.name,
        "email": member.user.email,
        "phone": member.phone,
        "title": member.title,
        "locale": member.locale,
        "timezone": member.timezone,
        "theme": member.theme,
        "settings": member.settings,
        "department": {"id": member.department.pk, "name": member.department.name} if member.department else None,
        "roles": [role.code for role in member.roles.all()],
    }


def require_active_member(member_id: int) -> Member:
    """Return a member at work, with its department; raise Invalid("member_not_active") for any other id."""
    member = Member.objects.select_related("department").filter(pk=member_id, state=Member.State.ACTIVE).first()
    if member is None:
        raise Invalid("member_not_active", f"There is no member {member_id} at work.", params={"member_id": member_id})
    return member


def is_on_duty(member_id: int) -> bool:
    """Return whether a member is at work and has not set itself away."""
    settings = Member.objects.filter(pk=member_id, state=Member.State.ACTIVE).values_list("settings", flat=True).first()
    return settings is not None and not settings.get("away", False)


def first_hour() -> list[FirstHourItem]:
    """Return the steps of the guided first hour in their order."""
    done = dict(FirstHourStep.objects.values_list("code", "done_at"))
    return [FirstHourItem(step.value, done.get(step.value)) for step in FirstHour]


def recipients(member_ids: Iterable[int]) -> list[Recipient]:
    """Return how the members at work among these are reached outside of the page."""
    tenant = require_tenant()
    url = workspace_url(tenant.slug, tenant_id=tenant.id)
    found = Member.objects.select_related("user").filter(pk__in=list(member_ids), state=Member.State.ACTIVE)
    return [Recipient(m.pk, m.user.email, m.name, m.locale, m.timezone, url) for m in found.order_by("pk")]
