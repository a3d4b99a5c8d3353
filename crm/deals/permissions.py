"""Permissions of deals."""

from guanxi.access import register_permissions

register_permissions("deal", ["read", "create", "update", "assign", "archive"])
register_permissions("pipeline", ["manage"])
