"""Keys by which programs come in."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.crypto import get_random_string

from guanxi.access import Actor, Grant, Scope, allows, is_known, require
from guanxi.audit import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound, PermissionDenied
from guanxi.common.ids import digest
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from tenants.members import events
from tenants.members.actors import KEY_BRAND
from tenants.members.models import ApiKey
from tenants.members.services.guards import covers
from tenants.members.types import NewApiKey
from tenants.workspaces.services import register_route, release_route

ROUTE_KIND = "api_key"
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
MAX_KEYS = 100
# What no program should do in a company's name, whoever made its key.
ONLY_PEOPLE = frozenset({"api_key.manage", "role.manage", "member.grant_roles", "workspace.close"})


def create_api_key(
    *,
    actor: Actor,
    name: str,
    permissions: Iterable[str],
    acts_as_member: bool = False,
    member_id: int | None = None,
    expires_at: datetime | None = None,
) -> NewApiKey:
    """Make a key and return it, this once. It acts for the whole workspace, or as one member.

    Raises PermissionDenied for a permission that the actor lacks (at scope ALL, when the key acts for the whole
    workspace).
    """
    require(actor, "api_key.manage")
    wanted = sorted(set(permissions))
    _require_may_give(actor, wanted, acts_as_member=acts_as_member, member_id=member_id)
    if not 1 <= len(name.strip()) <= 80:
        raise Invalid("invalid_name", "A name has 1 to 80 characters.", fields={"name": "length"})
    if expires_at is not None and expires_at <= clock.now():
        raise Invalid("expires_in_past", "The key would have ended already.", fields={"expires_at": "past"})
    prefix = get_random_string(10, LETTERS)
    token = f"{KEY_BRAND}_{prefix}_{get_random_string(43)}"
    with transaction.atomic():
        if ApiKey.objects.filter(revoked_at__isnull=True).count() >= MAX_KEYS:
            raise Conflict("too_many_keys", f"A workspace has at most {MAX_KEYS} keys.", params={"limit": MAX_KEYS})
        key = ApiKey.objects.create(
            name=name.strip(),
            prefix=prefix,
            digest=digest(token),
            permissions=wanted,
            acts_as_member=acts_as_member,
            member_id=member_id if acts_as_member else None,
            expires_at=expires_at,
            created_by_id=actor.member_id,
        )
        register_route(ROUTE_KIND, prefix)
        changes = {"permissions": (None, wanted), "name": (None, key.name)}
        record_audit(actor=actor, action="created", kind="api_key", record_id=key.pk, changes=changes)
        audience = Audience(permission="api_key.read")
        record_event(events.API_KEY_CREATED, actor=actor, aggregate=("api_key", key.pk), audience=audience)
    return NewApiKey(key.pk, token)


def _require_may_give(actor: Actor, permissions: list[str], *, acts_as_member: bool, member_id: int | None) -> None:
    unknown = [permission for permission in permissions if not is_known(permission) or permission in ONLY_PEOPLE]
    if unknown or not permissions:
        raise Invalid(
            "invalid_permissions", "A key needs permissions that a program may have.", fields={"permissions": "unknown"}
        )
    if acts_as_member and (member_id is None or (member_id != actor.member_id and not actor.is_unbounded)):
        raise Invalid(
            "not_oneself", "A key can act as whoever makes it, and as nobody else.", fields={"member_id": "not_oneself"}
        )
    for permission in permissions:
        enough = allows(actor, permission) if acts_as_member else covers(actor, permission, Grant(Scope.ALL))
        if not enough:
            raise PermissionDenied(permission)


def revoke_api_key(*, actor: Actor, key_id: int) -> ApiKey:
    """End a key at once."""
    require(actor, "api_key.manage")
    with transaction.atomic():
        key = ApiKey.objects.select_for_update().filter(pk=key_id).first()
        if key is None:
            raise NotFound("api_key", key_id)
        if key.revoked_at is None:
            key.revoked_at = key.updated_at = clock.now()
            key.save(update_fields=["revoked_at", "updated_at"])
            release_route(ROUTE_KIND, key.prefix)
            record_audit(actor=actor, action="revoked", kind="api_key", record_id=key.pk)
            audience = Audience(permission="api_key.read")
            record_event(events.API_KEY_REVOKED, actor=actor, aggregate=("api_key", key.pk), audience=audience)
    return key
