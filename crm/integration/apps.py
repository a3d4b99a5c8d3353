"""Registers crm.integration with Django."""

from django.apps import AppConfig


class IntegrationConfig(AppConfig):
    """Webhooks: what happens here is told to other programs, signed, again and again until they have it."""

    name = "crm.integration"
    label = "integration"

    def ready(self) -> None:
        """Register permissions, subscribers, sealed columns and the live channel."""
        from crm.integration import live, permissions, subscribers  # noqa: F401
        from crm.integration.signing import PREVIOUS, SECRET
        from guanxi.notifications.registry import register_kind
        from guanxi.realtime import register_channel
        from guanxi.secrets import register_sealed_column

        register_sealed_column("integration.WebhookEndpoint", "secret", field=SECRET)
        register_sealed_column("integration.WebhookEndpoint", "previous_secret", field=PREVIOUS)
        register_channel(live.CHANNEL, live.audience_of_channel)
        register_kind("webhook.disabled", email=True)
