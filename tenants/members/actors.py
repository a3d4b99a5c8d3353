"""Turns a signed-in user, or a program's key, into an actor."""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, Q, QuerySet

from guanxi.access import Actor, ActorKind, FieldMode, Grant, Scope, is_known
from guanxi.common import clock
from guanxi.common.ids import digest
from guanxi.tenancy import require_tenant
from tenants.members.models import ApiKey, Delegation, Member, Role
from tenants.members.role_defaults import default_grants

KEY_BRAND = "gx"
SEEN_EVERY = timedelta(seconds=60)
Grants = dict[str, frozenset[Grant]]

BELOW = """
WITH RECURSIVE below(id) AS (
    SELECT id FROM members_member WHERE manager_id = %s
    UNION
    SELECT m.id FROM members_member m JOIN below ON m.manager_id = below.id)
SELECT id FROM below WHERE id <> %s
"""


def load_actor(user: Any) -> Actor | None:
    """Return the actor of a signed-in user, None when it is no member or has been switched off.

    Kept on the user for the request.
    """
    known: Actor | None = getattr(user, "_guanxi_actor", None)
    if known is not None and known.tenant == require_tenant():
        return known
    member = with_reach(Member.objects.filter(user_id=user.pk, state=Member.State.ACTIVE)).first()
    if member is None:
        return None
    _touch(member)
    actor = actor_of(member)
    user._guanxi_actor = actor
    return actor


def actor_of_member_id(member_id: int) -> Actor | None:
    """Return the actor of a member by id, None when there is none at work.

    For sockets and for work done in a member's name.
    """
    member = with_reach(Member.objects.filter(pk=member_id, state=Member.State.ACTIVE)).first()
    return actor_of(member) if member else None


def with_reach(members: QuerySet[Member]) -> QuerySet[Member]:
    """Load with members what their actors need beside the roles, in the same query: department, teams, and whom each
    stands in for now.
    """
    teams = Member.teams.through.objects.filter(member_id=OuterRef("pk")).values("team_id")
    absent = active_delegations().filter(to_member_id=OuterRef("pk")).values("from_member_id")
    return members.select_related("department").annotate(
        reach_teams=ArraySubquery(teams), reach_delegators=ArraySubquery(absent)
    )


def active_delegations() -> QuerySet[Delegation]:
    """Return the delegations that hold now."""
    now = clock.now()
    return Delegation.objects.filter(starts_at__lte=now, ends_at__gt=now, ended_at__isnull=True)


def actor_of(member: Member) -> Actor:
    """Return the actor of a member whose department is loaded."""
    if not hasattr(member, "reach_teams"):
        member = with_reach(Member.objects.filter(pk=member.pk)).get()
    roles = list(member.roles.order_by("code"))
    reports = subordinate_ids(member.pk) if _asks_for(combined_grants(roles), Scope.SUBORDINATES) else frozenset()
    return assemble_actor(member, roles, reports)


def assemble_actor(member: Member, roles: list[Role], reports: frozenset[int]) -> Actor:
    """Return the actor of a member that `with_reach` loaded, with these roles and these members below it."""
    loaded: Any = member
    return Actor(
        kind=ActorKind.MEMBER,
        tenant=require_tenant(),
        member_id=member.pk,
        name=member.name,
        grants=combined_grants(roles),
        department_path=member.department.path if member.department else "",
        subordinate_ids=reports,
        field_modes=combined_modes(roles),
        locale=member.locale,
        timezone=member.timezone,
        roles=tuple(role.code for role in roles),
        delegator_ids=frozenset(loaded.reach_delegators),
        team_ids=frozenset(loaded.reach_teams),
    )


def everybodys_actors() -> list[tuple[Actor, list[Role]]]:
    """Return the actor of every member at work with its roles, by name; a handful of queries however many there are."""
    rows = list(with_reach(Member.objects.filter(state=Member.State.ACTIVE)).prefetch_related("roles").order_by("name"))
    reports: dict[int, list[int]] = {}
    for pk, manager_id in Member.objects.filter(manager__isnull=False).values_list("pk", "manager_id"):
        reports.setdefault(manager_id, []).append(pk)
    found = []
    for member in rows:
        roles = sorted(member.roles.all(), key=lambda role: role.code)
        found.append((assemble_actor(member, roles, _all_below(member.pk, reports)), roles))
    return found


def _all_below(member_id: int, reports: Mapping[int, list[int]]) -> frozenset[int]:
    seen: set[int] = set()
    waiting = [member_id]
    while waiting:
        below = [pk for pk in reports.get(waiting.pop(), ()) if pk not in seen and pk != member_id]
        seen.update(below)
        waiting += below
    return frozenset(seen)


def load_key_actor(token: str) -> Actor | None:
    """Return the actor of a key such as `gx_<prefix>_<secret>`, None for one that is unknown, revoked or has ended."""
    prefix = key_prefix(token)
    if prefix is None:
        return None
    now = clock.now()
    alive = Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=now))
    key = ApiKey.objects.filter(alive, prefix=prefix).first()
    if key is None or not hmac.compare_digest(key.digest, digest(token)):
        return None
    if key.last_used_at is None or now - key.last_used_at > SEEN_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return _member_key_actor(key) if key.acts_as_member else _own_key_actor(key)


def key_prefix(token: str) -> str | None:
    """Return the public part of a key, None when the token has not the form of one."""
    brand, _, rest = token.partition("_")
    prefix, _, secret = rest.partition("_")
    return prefix if brand == KEY_BRAND and prefix and secret else None


def _own_key_actor(key: ApiKey) -> Actor:
    everywhere = frozenset({Grant(Scope.ALL)})
    grants = {permission: everywhere for permission in key.permissions if is_known(permission)}
    return Actor(
        kind=ActorKind.API_KEY, tenant=require_tenant(), name=key.name, grants=grants, reason=f"api_key:{key.pk}"
    )


def _member_key_actor(key: ApiKey) -> Actor | None:
    actor = actor_of_member_id(key.member_id) if key.member_id else None
    if actor is None:
        return None
    grants = {permission: reach for permission, reach in actor.grants.items() if permission in key.permissions}
    return replace(actor, kind=ActorKind.API_KEY, grants=grants, reason=f"api_key:{key.pk}")


def _touch(member: Member) -> None:
    now = clock.now()
    if member.last_seen_at is None or now - member.last_seen_at > SEEN_EVERY:
        Member.objects.filter(pk=member.pk).update(last_seen_at=now)


def subordinate_ids(member_id: int) -> frozenset[int]:
    """Return the ids of all members below this one, at any depth; a circle of managers ends."""
    with connection.cursor() as cursor:
        cursor.execute(BELOW, [member_id, member_id])
        return frozenset(row[0] for row in cursor.fetchall())


def _asks_for(grants: Mapping[str, frozenset[Grant]], scope: Scope) -> bool:
    return any(grant.scope is scope for reach in grants.values() for grant in reach)


def role_grants(role: Role) -> Grants:
    """Return what one role grants: the defaults of a built-in one, changed by what is stored."""
    grants: Grants = {}
    if role.built_in:
        grants = {permission: frozenset({Grant(scope)}) for permission, scope in default_grants(role.code).items()}
    for permission, stored in role.grants.items():
        if stored is None:
            grants.pop(permission, None)
        elif is_known(permission):
            grants[permission] = frozenset({Grant(Scope[stored["scope"]], frozenset(stored.get("departments", ())))})
    return grants


def combined_grants(roles: Iterable[Role]) -> Grants:
    """Return the grants of several roles together; a permission reaches what any of them reaches."""
    combined: Grants = {}
    for role in roles:
        for permission, reach in role_grants(role).items():
            combined[permission] = combined.get(permission, frozenset()) | reach
    return combined


def combined_modes(roles: list[Role]) -> dict[str, dict[str, FieldMode]]:
    """Return the field modes of several roles together: the strictest mask or hide wins, else the widest."""
    named = {(kind, field) for role in roles for kind, fields in role.field_modes.items() for field in fields}
    combined: dict[str, dict[str, FieldMode]] = {}
    for kind, field in named:
        modes = [FieldMode[role.field_modes.get(kind, {}).get(field, "EDIT")] for role in roles]
        strictest = min(modes)
        combined.setdefault(kind, {})[field] = strictest if strictest <= FieldMode.MASKED else max(modes)
    return combined
