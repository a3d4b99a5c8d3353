"""The outbox: what happened, written in the same transaction as the change, and handed on at least once."""
