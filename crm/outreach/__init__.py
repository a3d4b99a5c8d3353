"""The touch ledger: windows, quotas and senders of every channel."""
