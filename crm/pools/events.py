"""Events of pools."""

POOL_CHANGED = "pool.changed"
ENTRY_ADDED = "pool.entry_added"
ENTRY_TAKEN = "pool.entry_taken"
HOLDING_CHANGED = "pool.holding_changed"
RULE_CHANGED = "pool.rule_changed"
