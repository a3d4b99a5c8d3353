"""Permissions of leads."""

from guanxi.access import register_permissions

register_permissions(
    "lead", ["read", "share", "reveal", "create", "update", "assign", "convert", "archive", "bulk", "merge"]
)
register_permissions("assignment_rule", ["manage"])
