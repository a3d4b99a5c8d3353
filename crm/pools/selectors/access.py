"""Which pools somebody may look into, and which one manages."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from crm.pools.models import Pool
from guanxi.access import Actor, ActorKind, allows, in_scope
from guanxi.common.errors import NotFound, PermissionDenied
from guanxi.events.types import Audience
from tenants.members.selectors import (
    active_member_ids,
    active_members_with_permission,
    visible_departments,
    visible_members,
)

LOOKING_UP = "whom a pool is for"


def department_paths(department_ids: Iterable[int]) -> dict[int, str]:
    """Return id → path of these departments."""
    wanted = list(department_ids)
    if not wanted:
        return {}
    rows = visible_departments(Actor.system(LOOKING_UP)).filter(pk__in=wanted)
    return dict(rows.values_list("pk", "path"))


def _members_below(department_ids: Iterable[int]) -> set[int]:
    below = Q(pk__in=[])
    for path in department_paths(department_ids).values():
        below |= Q(department__path__startswith=path)
    return set(visible_members(Actor.system(LOOKING_UP)).filter(below).values_list("pk", flat=True))


def manages(actor: Actor, pool: Pool) -> bool:
    """Return whether the actor sets this pool up and assigns from it: as one of its managers, or as one of all."""
    if in_scope(actor, "pool.manage", owner_id=None, department_path=""):
        return True
    return allows(actor, "pool.manage") and actor.member_id in pool.manager_ids


def looks_into(actor: Actor, pool: Pool, paths: dict[int, str] | None = None) -> bool:
    """Return whether the actor may see what lies in the pool; `paths` are those of the departments, when known."""
    if manages(actor, pool):
        return True
    if not allows(actor, "pool.read"):
        return False
    if not pool.member_ids and not pool.department_ids:
        return True
    if actor.kind is ActorKind.API_KEY and actor.member_id is None:
        return True
    if actor.member_id in pool.member_ids or actor.member_id in pool.manager_ids:
        return True
    known = department_paths(pool.department_ids) if paths is None else paths
    return any((path := known.get(pk)) and actor.department_path.startswith(path) for pk in pool.department_ids)


def visible_pools(actor: Actor, *, kind: str = "") -> list[Pool]:
    """Return the pools that the actor may look into, in their order; there are few of them."""
    rows = Pool.objects.filter(archived_at__isnull=True).order_by("position", "id")
    if kind:
        rows = rows.filter(kind=kind)
    pools = list(rows)
    paths = department_paths({pk for pool in pools for pk in pool.department_ids})
    return [pool for pool in pools if looks_into(actor, pool, paths)]


def access_pool(actor: Actor, pool_id: int, *, manage: bool = False, lock: bool = False) -> Pool:
    """Return a pool that the actor may look into; raise NotFound otherwise, PermissionDenied when it is not the actor's
    to manage.
    """
    rows: QuerySet[Pool] = Pool.objects.select_for_update() if lock else Pool.objects.all()
    pool = rows.filter(pk=pool_id, archived_at__isnull=True).first()
    if pool is None or not looks_into(actor, pool):
        raise NotFound("pool", pool_id)
    if manage and not manages(actor, pool):
        raise PermissionDenied("pool.manage")
    return pool


def people_of(pool: Pool) -> list[int] | None:
    """Return the members whom a pool is for, None when it is for everybody."""
    if not pool.member_ids and not pool.department_ids:
        return None
    wanted: Iterable[int] = {*pool.member_ids, *pool.manager_ids, *_members_below(pool.department_ids)}
    return active_member_ids(wanted)


def audience_of_pool(pool: Pool, *also: int | None) -> Audience:
    """Return who may hear of what happens in a pool: whom it is for, and who sets pools up."""
    people = people_of(pool)
    if people is None:
        return Audience(everyone=True, permission="pool.read")
    named = {*people, *active_members_with_permission("pool.manage"), *(pk for pk in also if pk is not None)}
    return Audience(member_ids=tuple(sorted(named)))
