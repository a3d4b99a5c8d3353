"""Registers crm.customers with Django."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Customers, contacts and the identities that channels know them by."""

    name = "crm.customers"
    label = "customers"
