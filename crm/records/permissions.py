"""Permissions of what all records share."""

from guanxi.access import register_permissions

register_permissions("view", ["share"])
