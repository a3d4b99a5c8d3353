"""Registers crm.leads with Django."""

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    """Leads: capture, assignment, response time, conversion."""

    name = "crm.leads"
    label = "leads"

    def ready(self) -> None:
        """Register permissions, subscribers, defaults and the record kind."""
        from crm.leads import permissions, subscribers  # noqa: F401
        from crm.leads.defaults import write_defaults
        from crm.leads.kinds import register_kinds
        from tenants.workspaces.services import register_defaults

        register_defaults(write_defaults, order=40)
        register_kinds()
