"""Registers crm.deals with Django."""

from django.apps import AppConfig


class DealsConfig(AppConfig):
    """Deals, pipelines and stages."""

    name = "crm.deals"
    label = "deals"

    def ready(self) -> None:
        """Register permissions, defaults and the record kind."""
        from crm.deals import permissions  # noqa: F401
        from crm.deals.defaults import write_defaults
        from crm.deals.models import Deal
        from crm.deals.selectors import find_deals, visible_deals
        from crm.records.registry import RecordKind, register_kind
        from tenants.workspaces.services import register_defaults

        register_defaults(write_defaults, order=30)
        register_kind(
            RecordKind(
                kind="deal",
                model=Deal,
                visible=visible_deals,
                title=lambda deal: deal.name,
                subtitle=lambda deal: deal.customer.name if deal.customer else "",
                search=lambda actor, text: find_deals(actor, {"q": text}).order_by("-updated_at"),
            )
        )
