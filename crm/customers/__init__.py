"""Customers, contacts and the identities that channels know them by."""
