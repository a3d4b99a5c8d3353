"""What deals are found by: their own name and their customer's."""

from crm.deals.models import Deal
from crm.records.custom import searched_texts
from crm.records.search import search_keys

BATCH = 500


def keys_of(deal: Deal) -> list[str]:
    """Return the keys that a deal is found by."""
    own = searched_texts("deal", deal.custom)
    return search_keys(deal.name, deal.customer.name if deal.customer else "", *own)


def renew_keys_of_customer(*, customer_id: int) -> int:
    """Let the deals of a renamed customer be found by its new name; return how many there are.

    Nothing else of them changes: neither their version, nor who changed them last, nor when.
    """
    deals = list(Deal.objects.filter(customer_id=customer_id).select_related("customer").order_by("pk"))
    for deal in deals:
        deal.search_keys = keys_of(deal)
    return Deal.objects.bulk_update(deals, ["search_keys"], batch_size=BATCH)
