"""Permissions of the assistant's settings."""

from guanxi.access import register_permissions

register_permissions("assistant", ["read", "update", "preview"])
