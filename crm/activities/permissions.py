"""Permissions of activities and tasks. Who may read a record may read its timeline; writing on it needs
`activity.create`. The scope of `activity.read` says whose calendar one sees.
"""

from guanxi.access import Scope, register_permissions
from tenants.members.services import grant_by_default

register_permissions("activity", ["read", "create", "update"])
register_permissions("task", ["read", "create", "update", "assign", "share", "reveal"])
# Who answers customers sees their timelines anyway; colleagues' calendars are another matter.
grant_by_default("agent", "activity.read", Scope.SELF)
