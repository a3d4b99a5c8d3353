"""Deals as a record kind: for search, timelines, tasks, bulk edits."""

from django.db.models import Q

from crm.deals import fields, services
from crm.deals.models import Deal
from crm.deals.selectors import find_deals, visible_deals
from crm.deals.services.finding import keys_of
from crm.records.registry import Operations, RecordKind, register_kind
from crm.records.search import Searchable, register_searchable


def register_kinds() -> None:
    """Register the kind and its fields."""
    fields.register()
    register_searchable("deal", Searchable(Deal, keys_of, related=("customer",)))
    register_kind(
        RecordKind(
            kind="deal",
            model=Deal,
            visible=visible_deals,
            title=lambda deal: deal.name,
            subtitle=lambda deal: deal.customer.name if deal.customer else "",
            search=lambda actor, text: find_deals(actor, {"q": text}).order_by("-updated_at"),
            find=find_deals,
            below=lambda customers: Q(customer_id__in=customers),
            customer_ids=lambda deal: [deal.customer_id] if deal.customer_id else [],
            operations=Operations(
                create=services.create_deal,
                update=lambda *, record_id, **rest: services.update_deal(deal_id=record_id, **rest),
                assign=lambda *, record_id, **rest: services.assign_deal(deal_id=record_id, **rest),
                archive=lambda *, record_id, **rest: services.archive_deal(deal_id=record_id, **rest),
                restore=lambda *, record_id, **rest: services.restore_deal(deal_id=record_id, **rest),
            ),
        )
    )
