"""Migrations of duplicates."""
