"""Permissions of customers and contacts."""

from guanxi.access import register_permissions

register_permissions("customer", ["read", "share", "reveal", "create", "update", "assign", "archive", "bulk", "merge"])
register_permissions("contact", ["read", "share", "reveal", "create", "update", "assign", "archive", "bulk", "merge"])
