"""Permissions of handovers: `manage` reaches the members whose records may be handed over."""

from guanxi.access import Scope, register_permissions
from tenants.members.services import grant_by_default

register_permissions("handover", ["read", "manage"])
grant_by_default("manager", "handover.*", Scope.DEPARTMENT_AND_BELOW)
for _role in ("rep", "agent"):
    grant_by_default(_role, "handover.read", Scope.SELF)
    grant_by_default(_role, "handover.manage", None)
