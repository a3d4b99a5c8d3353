"""What happens to workspaces, told in their own scope."""

CREATED = "workspace.created"  # plan, locale
STATE_CHANGED = "workspace.state_changed"  # from, to
UPDATED = "workspace.updated"  # fields
DOMAIN_CHECKED = "workspace.domain_checked"  # domain_id, finding, proven
