"""Registers billing.subscriptions with Django."""

from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    """Subscriptions and the entitlements that follow from them."""

    name = "billing.subscriptions"
    label = "subscriptions"

    def ready(self) -> None:
        """Register permissions, and answer at the port of entitlements."""
        from billing.subscriptions import permissions  # noqa: F401
        from billing.subscriptions.provider import SubscriptionProvider
        from billing.subscriptions.services import receiving  # noqa: F401
        from guanxi.entitlements import register_provider

        register_provider(SubscriptionProvider())
