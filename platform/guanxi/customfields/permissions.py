"""Permissions of custom fields: a field changes what everybody sees, so only who runs the workspace makes one."""

from guanxi.access import register_permissions

register_permissions("custom_field", ["manage"])
