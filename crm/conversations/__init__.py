"""Conversations with customers over every channel."""
