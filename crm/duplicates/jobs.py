"""The nightly chores of duplicates."""

from crm.duplicates.services.indexing import index_old_records
from crm.duplicates.services.pairs import find_pairs
from guanxi.jobs.registry import daily

# In the order of their names: first the keys, then what they tell.
daily("duplicates.index")(index_old_records)
daily("duplicates.pairs")(find_pairs)
