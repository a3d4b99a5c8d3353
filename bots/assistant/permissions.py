"""Permissions of the assistant. Administrators set it; those who look after talks and knowledge may try it."""

from guanxi.access import Scope, register_permissions
from tenants.members.services import grant_by_default

register_permissions("assistant", ["read", "update", "preview"])
for _role in ("manager", "agent"):
    grant_by_default(_role, "assistant.preview", Scope.ALL)
