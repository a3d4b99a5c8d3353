"""Permissions of conversations."""

from guanxi.access import register_permissions

register_permissions("conversation", ["read", "reply", "assign", "manage", "share"])
register_permissions("canned_reply", ["manage"])
