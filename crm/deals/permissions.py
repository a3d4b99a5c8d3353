"""Permissions of deals."""

from guanxi.access import register_permissions

register_permissions("deal", ["read", "share", "reveal", "create", "update", "assign", "archive", "bulk"])
register_permissions("pipeline", ["manage"])
