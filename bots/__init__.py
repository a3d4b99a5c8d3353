"""Channels and the assistant."""
