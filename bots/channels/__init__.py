"""The channels that customers write through."""
