"""Permissions of leads."""

from guanxi.access import register_permissions

register_permissions("lead", ["read", "create", "update", "assign", "convert", "archive"])
register_permissions("assignment_rule", ["manage"])
