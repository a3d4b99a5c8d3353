"""Measures the assistant."""
