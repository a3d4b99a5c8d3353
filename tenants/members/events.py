"""What happens to members. `data` holds ids, codes and names of fields."""

INVITED = "member.invited"  # invitation_id
JOINED = "member.joined"  # roles
UPDATED = "member.updated"  # fields
ROLES_CHANGED = "member.roles_changed"  # added, removed
SWITCHED_OFF = "member.switched_off"
SWITCHED_ON = "member.switched_on"
INVITATION_REVOKED = "invitation.revoked"
DEPARTMENT_CREATED = "department.created"
DEPARTMENT_UPDATED = "department.updated"  # fields
DEPARTMENT_MOVED = "department.moved"  # from, to: paths
DEPARTMENT_REMOVED = "department.removed"
ROLE_CREATED = "role.created"
ROLE_CHANGED = "role.changed"
ROLE_REMOVED = "role.removed"
API_KEY_CREATED = "api_key.created"
API_KEY_REVOKED = "api_key.revoked"
FIRST_HOUR_STEP_DONE = "first_hour.step_done"  # code
TEAM_CREATED = "team.created"
TEAM_UPDATED = "team.updated"  # fields
TEAM_REMOVED = "team.removed"
DELEGATION_CREATED = "delegation.created"  # from, to
DELEGATION_STARTED = "delegation.started"
DELEGATION_ENDED = "delegation.ended"
