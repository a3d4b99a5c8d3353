"""The one place that decides: may this actor do this, and to which records.

The same rule stands here twice, as SQL (`scope_q`) and in memory (`in_scope`); a property test holds that they agree.
"""

from django.db.models import Q

from guanxi.access.types import Actor, Grant, Scope
from guanxi.common.errors import PermissionDenied

NOBODY = Q(pk__in=[])


def allows(actor: Actor, permission: str) -> bool:
    """Return whether any role of the actor grants the permission, at any reach."""
    return actor.is_unbounded or permission in actor.grants


def require(actor: Actor, permission: str) -> None:
    """Raise PermissionDenied unless the actor has the permission at some reach."""
    if not allows(actor, permission):
        raise PermissionDenied(permission)


def scope_q(actor: Actor, permission: str, *, prefix: str = "") -> Q:
    """Return the filter for records the permission reaches, over `<prefix>owner_id` and
    `<prefix>owner_department_path`.
    """
    if actor.is_unbounded:
        return Q()
    grants = actor.grants.get(permission, frozenset())
    if any(grant.scope is Scope.ALL for grant in grants):
        return Q()
    condition: Q | None = None
    for grant in sorted(grants, key=lambda g: g.scope):
        part = _grant_q(actor, grant, prefix)
        condition = part if condition is None else condition | part
    return NOBODY if condition is None else condition


def _grant_q(actor: Actor, grant: Grant, prefix: str) -> Q:
    owner, path = f"{prefix}owner_id", f"{prefix}owner_department_path"
    own = _owned_by(owner, actor.self_ids)
    if grant.scope is Scope.SELF:
        return own
    if grant.scope is Scope.SUBORDINATES:
        return _owned_by(owner, actor.self_ids | actor.subordinate_ids)
    if grant.scope is Scope.DEPARTMENT:
        return (Q(**{path: actor.department_path}) if actor.department_path else NOBODY) | own
    if grant.scope is Scope.DEPARTMENT_AND_BELOW:
        return _below(path, actor.department_path) | own
    condition = own
    for chosen in sorted(grant.departments):
        condition |= _below(path, chosen)
    return condition


def _owned_by(owner_field: str, member_ids: frozenset[int]) -> Q:
    if len(member_ids) == 1:
        return Q(**{owner_field: next(iter(member_ids))})
    return Q(**{f"{owner_field}__in": sorted(member_ids)})


def _below(path_field: str, path: str) -> Q:
    # An actor without a department has no department's records; an empty prefix would match all of them.
    return Q(**{f"{path_field}__startswith": path}) if path else NOBODY


def in_scope(actor: Actor, permission: str, *, owner_id: int | None, department_path: str) -> bool:
    """Return whether the permission reaches a record of this owner and department; the same rule as `scope_q`."""
    if actor.is_unbounded:
        return True
    return any(
        _grant_holds(actor, grant, owner_id, department_path) for grant in actor.grants.get(permission, frozenset())
    )


def _grant_holds(actor: Actor, grant: Grant, owner_id: int | None, department_path: str) -> bool:
    if grant.scope is Scope.ALL:
        return True
    if owner_id is not None and owner_id in actor.self_ids:
        return True
    if grant.scope is Scope.SUBORDINATES:
        return owner_id in actor.subordinate_ids
    if grant.scope is Scope.DEPARTMENT:
        return bool(actor.department_path) and department_path == actor.department_path
    if grant.scope is Scope.DEPARTMENT_AND_BELOW:
        return bool(actor.department_path) and department_path.startswith(actor.department_path)
    if grant.scope is Scope.CHOSEN:
        return any(department_path.startswith(chosen) for chosen in grant.departments)
    return False
