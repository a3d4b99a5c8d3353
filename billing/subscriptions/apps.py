"""Registers billing.subscriptions with Django."""

from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    """Subscriptions and the entitlements that follow from them."""

    name = "billing.subscriptions"
    label = "subscriptions"
