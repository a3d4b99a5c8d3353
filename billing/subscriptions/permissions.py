"""Who may look at what the company pays, and who may buy: the owner and administrators, and nobody by `*.read`."""

from guanxi.access import register_permissions
from tenants.members.services import grant_by_default
from tenants.members.types import BuiltInRole

register_permissions("billing", ["read", "manage"])
for _role in (BuiltInRole.MANAGER, BuiltInRole.REP, BuiltInRole.AGENT):
    grant_by_default(_role, "billing.*", None)
