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
        from crm.leads.models import Lead
        from crm.leads.selectors import find_leads, visible_leads
        from crm.records.registry import RecordKind, register_kind
        from tenants.workspaces.services import register_defaults

        register_defaults(write_defaults, order=40)
        register_kind(
            RecordKind(
                kind="lead",
                model=Lead,
                visible=visible_leads,
                title=lambda lead: lead.name or lead.company or lead.phone,
                subtitle=lambda lead: lead.company,
                search=lambda actor, text: find_leads(actor, {"q": text}).order_by("-created_at"),
            )
        )
