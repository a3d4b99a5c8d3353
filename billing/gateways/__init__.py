"""Adapters of payment providers."""
