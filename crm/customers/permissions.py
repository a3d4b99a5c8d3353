"""Permissions of customers and contacts."""

from guanxi.access import register_permissions

register_permissions("customer", ["read", "create", "update", "assign", "archive"])
register_permissions("contact", ["read", "create", "update", "assign", "archive"])
