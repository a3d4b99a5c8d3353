"""What may be done to a workspace as a whole."""

from guanxi.access import register_permissions

register_permissions("workspace", ["read", "update", "close"])
register_permissions("domain", ["read", "manage"])
