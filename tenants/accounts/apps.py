"""Registers tenants.accounts with Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users of a tenant and how they sign in."""

    name = "tenants.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Let second factors follow a change of the key."""
        from guanxi.secrets import register_resealer
        from tenants.accounts.second_factors import reseal_factors

        register_resealer("accounts.second_factors", reseal_factors)
