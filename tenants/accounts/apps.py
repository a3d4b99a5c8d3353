"""Registers tenants.accounts with Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users of a tenant and how they sign in."""

    name = "tenants.accounts"
    label = "accounts"
