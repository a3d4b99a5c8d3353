"""Registers crm.customers with Django."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Customers, contacts and the identities that channels know them by."""

    name = "crm.customers"
    label = "customers"

    def ready(self) -> None:
        """Register permissions and record kinds, and how one sees that the first customers are there."""
        from crm.customers import permissions  # noqa: F401
        from crm.customers.kinds import register_kinds
        from crm.customers.models import Customer
        from tenants.members.services import register_first_hour_check

        register_kinds()
        register_first_hour_check("import_customers", Customer.objects.exists)
