"""Roles of the workspace's own, and what it changes of the built-in ones."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction

from guanxi.access import Actor, FieldMode, Grant, Scope, is_known, require
from guanxi.audit import diff, record_audit, snapshot
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound, PermissionDenied
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from tenants.members import events
from tenants.members.models import Role
from tenants.members.role_defaults import default_grants
from tenants.members.services.guards import covers, require_may_grant
from tenants.members.types import BuiltInRole

EVERYONE = Audience(everyone=True)
CODE = re.compile(r"^[a-z][a-z0-9_]{1,39}$")
FIELDS = ("name", "grants", "field_modes")
Grants = Mapping[str, Mapping[str, Any]]
Modes = Mapping[str, Mapping[str, str]]
# (kind, field, mode) → whether a field of this kind can have the mode; the catalogue of fields stands above us.
ModesCheck = Callable[[str, str, FieldMode], bool]
_modes_checks: list[ModesCheck] = []


def register_modes_check(check: ModesCheck) -> None:
    """Let the catalogue of fields say which modes there are; its app does it in its AppConfig.ready."""
    if check not in _modes_checks:
        _modes_checks.append(check)


def create_role(
    *, actor: Actor, code: str, name: str, grants: Grants, field_modes: Mapping[str, Mapping[str, str]] | None = None
) -> Role:
    """Create a role; it may grant only what the actor has."""
    require(actor, "role.manage")
    if not CODE.match(code):
        raise Invalid(
            "invalid_code", "A code has 2 to 40 small letters, digits or underscores.", fields={"code": "format"}
        )
    checked = _checked_grants(actor, grants)
    with transaction.atomic():
        try:
            with transaction.atomic():
                role = Role.objects.create(
                    code=code,
                    name=_name(name),
                    grants=checked,
                    field_modes=_checked_modes(actor, field_modes or {}, {}),
                )
        except IntegrityError as fault:
            raise Conflict("role_code_taken", "There is a role of this code.", params={"code": code}) from fault
        record_audit(actor=actor, action="created", kind="role", record_id=role.pk, changes={"code": (None, code)})
        record_event(events.ROLE_CREATED, actor=actor, aggregate=("role", role.pk), audience=EVERYONE)
    return role


def update_role(
    *,
    actor: Actor,
    role_id: int,
    name: str | None = None,
    grants: Grants | None = None,
    field_modes: Mapping[str, Mapping[str, str]] | None = None,
) -> Role:
    """Change a role. The owner's stays as it is; of a built-in one only the difference from its defaults is kept."""
    require(actor, "role.manage")
    with transaction.atomic():
        role = _locked(role_id)
        if role.code == BuiltInRole.OWNER:
            raise Conflict("owner_role_fixed", "Owners may do everything; this role cannot be changed.")
        require_may_grant(actor, [role])
        before = snapshot(role, FIELDS)
        if name is not None and not role.built_in:
            role.name = _name(name)
        if grants is not None:
            checked = _checked_grants(actor, grants)
            role.grants = _difference(role, checked) if role.built_in else checked
        if field_modes is not None:
            role.field_modes = _checked_modes(actor, field_modes, role.field_modes)
        changed = diff(before, snapshot(role, FIELDS))
        if changed:
            role.updated_at = clock.now()
            role.save(update_fields=[*FIELDS, "updated_at"])
            record_audit(actor=actor, action="updated", kind="role", record_id=role.pk, changes=changed)
            data = {"fields": sorted(changed)}
            record_event(events.ROLE_CHANGED, actor=actor, aggregate=("role", role.pk), data=data, audience=EVERYONE)
    return role


def remove_role(*, actor: Actor, role_id: int) -> None:
    """Remove a role that nobody has and that is not built in."""
    require(actor, "role.manage")
    with transaction.atomic():
        role = _locked(role_id)
        if role.built_in:
            raise Conflict("built_in_role", "Built-in roles stay.")
        if role.members.exists():
            raise Conflict(
                "role_in_use", "Take the role from its members first.", params={"members": role.members.count()}
            )
        require_may_grant(actor, [role])
        role.delete()
        record_audit(actor=actor, action="removed", kind="role", record_id=role_id, changes={"code": (role.code, None)})
        record_event(events.ROLE_REMOVED, actor=actor, aggregate=("role", role_id), audience=EVERYONE)


def _locked(role_id: int) -> Role:
    role = Role.objects.select_for_update().filter(pk=role_id).first()
    if role is None:
        raise NotFound("role", role_id)
    return role


def _difference(role: Role, wanted: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any] | None]:
    defaults = {
        permission: {"scope": scope.name, "departments": []} for permission, scope in default_grants(role.code).items()
    }
    changed: dict[str, dict[str, Any] | None] = {p: grant for p, grant in wanted.items() if defaults.get(p) != grant}
    return changed | {permission: None for permission in defaults if permission not in wanted}


def _checked_grants(actor: Actor, grants: Grants) -> dict[str, dict[str, Any]]:
    checked: dict[str, dict[str, Any]] = {}
    for permission, given in grants.items():
        scope = Scope.__members__.get(str(given.get("scope")))
        departments = [str(path) for path in given.get("departments") or []]
        if not is_known(permission) or scope is None or (scope is Scope.CHOSEN) != bool(departments):
            raise Invalid(
                "invalid_grant", f"{permission} is no permission, or its scope is wrong.", fields={"grants": permission}
            )
        if not covers(actor, permission, Grant(scope, frozenset(departments))):
            raise PermissionDenied(permission)
        checked[permission] = {"scope": scope.name, "departments": departments}
    return checked


def _checked_modes(actor: Actor, modes: Modes, before: Modes) -> dict[str, dict[str, str]]:
    """Return the modes that restrict, of fields that are there; what a role does not name may be edited.

    Nobody gives a role more sight than he has himself.
    """
    kept: dict[str, dict[str, str]] = {}
    named = [(kind, field) for part in (modes, before) for kind, fields in part.items() for field in fields]
    for kind, field in dict.fromkeys(named):
        wanted = modes.get(kind, {}).get(field, FieldMode.EDIT.name)
        mode = FieldMode.__members__.get(wanted)
        changed = wanted != before.get(kind, {}).get(field, FieldMode.EDIT.name)
        if mode is None or (changed and not all(check(kind, field, mode) for check in _modes_checks)):
            raise Invalid(
                "invalid_field_mode",
                f"{kind}.{field} cannot be {wanted}.",
                fields={"field_modes": f"{kind}.{field}"},
            )
        if changed and mode > actor.field_mode(kind, field):
            raise PermissionDenied(f"field.{kind}.{field}")
        if mode is not FieldMode.EDIT:
            kept.setdefault(kind, {})[field] = wanted
    return kept


def _name(name: str) -> str:
    stripped = name.strip()
    if not 1 <= len(stripped) <= 50:
        raise Invalid("invalid_name", "A name has 1 to 50 characters.", fields={"name": "length"})
    return stripped
