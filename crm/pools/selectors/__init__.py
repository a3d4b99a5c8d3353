"""Reads pools, what lies in them, what is at risk, rules and the ledger."""

from crm.pools.selectors.access import access_pool, manages, people_of, visible_pools
from crm.pools.selectors.reading import (
    access_entry,
    access_rule,
    counts_of,
    describe_entries,
    describe_holdings,
    describe_moves,
    entries_of,
    find_entries,
    find_holdings,
    holding_of,
    ledger,
    live_rules,
    protected_until,
    room_of,
    rules_of,
    visible_titles,
)
from crm.pools.selectors.rehearsals import rehearsal_of

__all__ = [
    "access_entry",
    "access_pool",
    "access_rule",
    "counts_of",
    "describe_entries",
    "describe_holdings",
    "describe_moves",
    "entries_of",
    "find_entries",
    "find_holdings",
    "holding_of",
    "ledger",
    "live_rules",
    "manages",
    "people_of",
    "protected_until",
    "rehearsal_of",
    "room_of",
    "rules_of",
    "visible_pools",
    "visible_titles",
]
