"""Moves records in and out of pools, sets pools and their rules up."""

from crm.pools.services.claiming import assign_entries, claim_entries, view_entry
from crm.pools.services.locking import lock_record, unlock_record
from crm.pools.services.putting import put_records
from crm.pools.services.recycling import look_again, plan_all, plan_kind, take_step
from crm.pools.services.rules import activate_rule, draft_rule, rehearse_rule, roll_back_rule
from crm.pools.services.settings import archive_pool, create_pool, update_pool

__all__ = [
    "activate_rule",
    "archive_pool",
    "assign_entries",
    "claim_entries",
    "create_pool",
    "draft_rule",
    "lock_record",
    "look_again",
    "plan_all",
    "plan_kind",
    "put_records",
    "rehearse_rule",
    "roll_back_rule",
    "take_step",
    "unlock_record",
    "update_pool",
    "view_entry",
]
