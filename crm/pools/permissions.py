"""Permissions of pools: `manage` reaches the pools that one manages, or with the scope ALL every pool."""

from guanxi.access import Scope, register_permissions
from tenants.members.services import grant_by_default

register_permissions("pool", ["read", "claim", "return", "manage"])
for _action in ("claim", "return"):
    grant_by_default("rep", f"pool.{_action}", Scope.SELF)
    grant_by_default("manager", f"pool.{_action}", Scope.DEPARTMENT_AND_BELOW)
grant_by_default("manager", "pool.manage", Scope.DEPARTMENT_AND_BELOW)
