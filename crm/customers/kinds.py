"""Customers and contacts as record kinds: for search, timelines, tasks."""

from crm.customers.models import Contact, Customer
from crm.customers.selectors import find_contacts, find_customers, visible_contacts, visible_customers
from crm.records.registry import RecordKind, register_kind


def register_kinds() -> None:
    """Register both kinds."""
    register_kind(
        RecordKind(
            kind="customer",
            model=Customer,
            visible=visible_customers,
            title=lambda customer: customer.name,
            subtitle=lambda customer: " · ".join(part for part in (customer.city, customer.industry) if part),
            search=lambda actor, text: find_customers(actor, {"q": text}).order_by("-updated_at"),
        )
    )
    register_kind(
        RecordKind(
            kind="contact",
            model=Contact,
            visible=visible_contacts,
            title=lambda contact: contact.name,
            subtitle=lambda contact: contact.title,
            search=lambda actor, text: find_contacts(actor, {"q": text}).order_by("-updated_at"),
        )
    )
