"""What may be done to members and what belongs to them."""

from guanxi.access import register_permissions

register_permissions("member", ["read", "update", "switch_off", "grant_roles"])
register_permissions("department", ["read", "manage"])
register_permissions("role", ["read", "manage"])
register_permissions("invitation", ["read", "create", "revoke"])
register_permissions("api_key", ["read", "manage"])
register_permissions("team", ["read", "manage"])
register_permissions("delegation", ["create", "manage"])
