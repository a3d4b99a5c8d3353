"""Writes of duplicates: keys, checks, rules, pairs, requests."""

from crm.duplicates.services.checking import check_duplicates, unchecked
from crm.duplicates.services.indexing import index_old_records, index_records
from crm.duplicates.services.merging import merge_records, undo_merge
from crm.duplicates.services.pairs import find_pairs, ignore_pair
from crm.duplicates.services.requests import decide_request, join_record, request_transfer, withdraw_request
from crm.duplicates.services.rules import set_rule

__all__ = [
    "check_duplicates",
    "decide_request",
    "find_pairs",
    "ignore_pair",
    "index_old_records",
    "index_records",
    "join_record",
    "merge_records",
    "request_transfer",
    "set_rule",
    "unchecked",
    "undo_merge",
    "withdraw_request",
]
