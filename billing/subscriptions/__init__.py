"""Subscriptions and the entitlements that follow from them."""
