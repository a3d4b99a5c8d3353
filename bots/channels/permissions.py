"""Permissions of channels."""

from guanxi.access import register_permissions

register_permissions("channel", ["read", "manage"])
