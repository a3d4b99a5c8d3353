"""Registers crm.customers with Django."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Customers, contacts and the identities that channels know them by."""

    name = "crm.customers"
    label = "customers"

    def ready(self) -> None:
        """Register permissions and record kinds."""
        from crm.customers import permissions  # noqa: F401
        from crm.customers.kinds import register_kinds

        register_kinds()
