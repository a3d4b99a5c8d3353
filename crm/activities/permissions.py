"""Permissions of activities and tasks. Who may read a record may read its timeline; writing on it needs
`activity.create`.
"""

from guanxi.access import register_permissions

register_permissions("activity", ["create", "update"])
register_permissions("task", ["read", "create", "update", "assign"])
