"""Permissions of duplicates: `check` asks, `read` lists suspected pairs, `manage` writes the rules."""

from guanxi.access import Scope, register_permissions
from tenants.members.services import grant_by_default

register_permissions("duplicate", ["check", "read", "manage"])
for _role in ("rep", "agent", "manager"):
    grant_by_default(_role, "duplicate.check", Scope.SELF)
grant_by_default("manager", "duplicate.read", Scope.DEPARTMENT_AND_BELOW)
