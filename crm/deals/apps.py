"""Registers crm.deals with Django."""

from django.apps import AppConfig


class DealsConfig(AppConfig):
    """Deals, pipelines and stages."""

    name = "crm.deals"
    label = "deals"

    def ready(self) -> None:
        """Register permissions, defaults and the record kind."""
        from crm.deals import permissions, subscribers  # noqa: F401
        from crm.deals.defaults import write_defaults
        from crm.deals.kinds import register_kinds
        from tenants.workspaces.services import register_defaults

        register_defaults(write_defaults, order=30)
        register_kinds()
