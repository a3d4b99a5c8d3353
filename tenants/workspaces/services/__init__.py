"""Writes workspaces and what leads to them."""

from tenants.workspaces.founding import register_defaults, register_owner_maker
from tenants.workspaces.services.domains import (
    add_domain,
    check_domain,
    check_waiting_domains,
    make_domain_primary,
    remove_domain,
    request_domain_check,
)
from tenants.workspaces.services.life import change_plan, change_state, update_workspace
from tenants.workspaces.services.presence import forget_email, note_email
from tenants.workspaces.services.routes import register_route, release_route
from tenants.workspaces.services.signing_up import finish_sign_up, found_workspace, sign_up
from tenants.workspaces.services.tokens import issue_hand_over, take_hand_over

__all__ = [
    "add_domain",
    "change_plan",
    "change_state",
    "check_domain",
    "check_waiting_domains",
    "finish_sign_up",
    "forget_email",
    "found_workspace",
    "issue_hand_over",
    "make_domain_primary",
    "note_email",
    "register_defaults",
    "register_owner_maker",
    "register_route",
    "release_route",
    "remove_domain",
    "request_domain_check",
    "sign_up",
    "take_hand_over",
    "update_workspace",
]
