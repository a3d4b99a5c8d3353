"""Proof that no tenant, and nobody within one, gets at what is another's."""
