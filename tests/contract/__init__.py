"""Tests against other people's specifications and implementations."""
