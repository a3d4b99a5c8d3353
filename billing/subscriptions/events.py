"""What happens to subscriptions, told in the workspace's own scope."""

CHANGED = "subscription.changed"  # state, plan, seats
