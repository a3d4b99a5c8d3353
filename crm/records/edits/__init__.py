"""Bulk edits: many records changed by one job, which tells what failed and can be taken back for ten minutes."""
