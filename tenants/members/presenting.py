"""Turns rows into what the API shows."""

from typing import Any

from guanxi.common import clock
from tenants.members.actors import role_grants
from tenants.members.models import ApiKey, Department, Invitation, Member, Role
from tenants.members.role_defaults import default_grants


def reference(row: Any) -> dict[str, Any] | None:
    """Return id and name of a row, None for none."""
    return None if row is None else {"id": row.pk, "name": row.name}


def member_out(member: Member) -> dict[str, Any]:
    """Show a member whose department, manager, user and roles are loaded."""
    return {
        "id": member.pk,
        "name": member.name,
        "email": member.user.email,
        "phone": member.phone,
        "title": member.title,
        "state": member.state,
        "roles": sorted(role.code for role in member.roles.all()),
        "department": reference(member.department),
        "manager": reference(member.manager),
        "locale": member.locale,
        "timezone": member.timezone,
        "last_seen_at": member.last_seen_at,
        "created_at": member.created_at,
        "version": member.version,
    }


def department_out(department: Department, members: int) -> dict[str, Any]:
    """Show a department with the number of its members at work."""
    return {
        "id": department.pk,
        "name": department.name,
        "parent_id": department.parent_id,
        "path": department.path,
        "position": department.position,
        "head_id": department.head_id,
        "members": members,
    }


def role_out(role: Role, members: int) -> dict[str, Any]:
    """Show a role with everything that it grants."""
    grants = {
        permission: {"scope": grant.scope.name, "departments": sorted(grant.departments)}
        for permission, reach in sorted(role_grants(role).items())
        for grant in reach
    }
    return {
        "id": role.pk,
        "code": role.code,
        "name": role.name,
        "built_in": role.built_in,
        "grants": grants,
        "field_modes": role.field_modes,
        "members": members,
        "defaults": {p: scope.name for p, scope in default_grants(role.code).items()} if role.built_in else None,
    }


def invitation_out(invitation: Invitation) -> dict[str, Any]:
    """Show an invitation."""
    return {
        "id": invitation.pk,
        "email": invitation.email,
        "name": invitation.name,
        "roles": sorted(role.code for role in invitation.roles.all()),
        "department": reference(invitation.department),
        "invited_by": reference(invitation.invited_by),
        "state": invitation_state(invitation),
        "expires_at": invitation.expires_at,
        "created_at": invitation.created_at,
        "member_id": invitation.member_id,
    }


def invitation_state(invitation: Invitation) -> str:
    """Return open, expired, accepted or revoked."""
    if invitation.accepted_at is not None:
        return "accepted"
    if invitation.revoked_at is not None:
        return "revoked"
    return "expired" if invitation.expires_at <= clock.now() else "open"


def api_key_out(key: ApiKey) -> dict[str, Any]:
    """Show a key without its secret."""
    return {
        "id": key.pk,
        "name": key.name,
        "prefix": key.prefix,
        "permissions": key.permissions,
        "member": reference(key.member),
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
        "created_at": key.created_at,
    }
