"""Writes members, departments, roles, invitations and keys."""

from tenants.members.role_defaults import grant_by_default
from tenants.members.services.api_keys import create_api_key, revoke_api_key
from tenants.members.services.delegations import create_delegation, end_delegation
from tenants.members.services.departments import (
    create_department,
    move_department,
    remove_department,
    update_department,
)
from tenants.members.services.first_hour import mark_first_hour_step, refresh_first_hour, register_first_hour_check
from tenants.members.services.invitations import (
    accept_invitation,
    create_invitation,
    open_invitation,
    resend_invitation,
    revoke_invitation,
)
from tenants.members.services.members import (
    add_member,
    switch_member_off,
    switch_member_on,
    update_member,
    update_profile,
)
from tenants.members.services.roles import create_role, register_modes_check, remove_role, update_role
from tenants.members.services.teams import create_team, remove_team, update_team

__all__ = [
    "accept_invitation",
    "add_member",
    "create_api_key",
    "create_delegation",
    "create_department",
    "create_invitation",
    "create_role",
    "create_team",
    "end_delegation",
    "grant_by_default",
    "mark_first_hour_step",
    "move_department",
    "open_invitation",
    "refresh_first_hour",
    "register_first_hour_check",
    "register_modes_check",
    "remove_department",
    "remove_role",
    "remove_team",
    "resend_invitation",
    "revoke_api_key",
    "revoke_invitation",
    "switch_member_off",
    "switch_member_on",
    "update_department",
    "update_member",
    "update_profile",
    "update_role",
    "update_team",
]
