"""Nobody gives what he has not, and a workspace never loses its last owner."""

from collections.abc import Iterable

from guanxi.access import Actor, Grant, Scope
from guanxi.common.errors import Conflict, Invalid, PermissionDenied
from tenants.members.actors import role_grants
from tenants.members.models import Member, Role
from tenants.members.types import BuiltInRole


def covers(actor: Actor, permission: str, wanted: Grant) -> bool:
    """Return whether the actor has the permission at least as wide as `wanted`."""
    if actor.is_unbounded:
        return True
    return any(_as_wide(own, wanted) for own in actor.grants.get(permission, frozenset()))


def _as_wide(own: Grant, wanted: Grant) -> bool:
    if own.scope is Scope.ALL:
        return True
    if wanted.scope is Scope.CHOSEN or own.scope is Scope.CHOSEN:
        # Chosen departments lie beside the ladder of the other scopes; only within each other can they be compared.
        chosen = own.scope is wanted.scope is Scope.CHOSEN
        return chosen and all(any(path.startswith(mine) for mine in own.departments) for path in wanted.departments)
    return own.scope >= wanted.scope


def require_may_grant(actor: Actor, roles: Iterable[Role]) -> None:
    """Raise PermissionDenied("role.grant.<code>") for a role that grants what the actor lacks.

    Owners are made by owners.
    """
    for role in roles:
        may = actor.is_unbounded or role.code != BuiltInRole.OWNER or BuiltInRole.OWNER in actor.roles
        lacking = not may or any(
            not covers(actor, permission, grant) for permission, reach in role_grants(role).items() for grant in reach
        )
        if lacking:
            raise PermissionDenied(f"role.grant.{role.code}")


def require_above(actor: Actor, member: Member) -> None:
    """Raise PermissionDenied when the member has a role that the actor could not give: he is above him."""
    require_may_grant(actor, member.roles.all())


def require_other_owner(member: Member) -> None:
    """Raise Conflict("last_owner") when the member is the only owner at work.

    Inside a transaction; the role's lock makes two leavers wait.
    """
    owner_role = Role.objects.select_for_update().get(code=BuiltInRole.OWNER)
    owners = Member.objects.filter(roles=owner_role, state=Member.State.ACTIVE)
    if owners.filter(pk=member.pk).exists() and not owners.exclude(pk=member.pk).exists():
        raise Conflict("last_owner", "This is the last owner. Make somebody else an owner first; nothing was changed.")


def roles_of_codes(codes: Iterable[str]) -> list[Role]:
    """Return the roles of these codes; raise Invalid when one is unknown or there is none."""
    wanted = set(codes)
    roles = list(Role.objects.filter(code__in=wanted).order_by("pk"))
    if not wanted or len(roles) != len(wanted):
        raise Invalid(
            "unknown_role", "A member has at least one role, and each must exist.", fields={"roles": "unknown"}
        )
    return roles
