"""Customers and contacts as record kinds: for search, timelines, tasks, lists."""

from django.db.models import Q

from crm.customers import fields, services
from crm.customers.models import Contact, Customer, CustomerContact
from crm.customers.selectors import find_contacts, find_customers, visible_contacts, visible_customers
from crm.customers.services.finding import contact_keys, customer_keys
from crm.duplicates.types import Subject, register_subject
from crm.records.registry import Operations, RecordKind, register_kind
from crm.records.search import Searchable, register_searchable


def register_kinds() -> None:
    """Register both kinds and their fields."""
    fields.register()
    register_subject(Subject("customer", against=("customer", "lead"), name_field="name"))
    register_subject(Subject("contact", against=("contact", "lead")))
    register_searchable("customer", Searchable(Customer, customer_keys))
    register_searchable("contact", Searchable(Contact, contact_keys))
    register_kind(
        RecordKind(
            kind="customer",
            model=Customer,
            visible=visible_customers,
            title=lambda customer: customer.name,
            subtitle=lambda customer: " · ".join(part for part in (customer.city, customer.industry) if part),
            search=lambda actor, text: find_customers(actor, {"q": text}).order_by("-updated_at"),
            find=find_customers,
            operations=Operations(
                create=services.create_customer,
                update=lambda *, record_id, **rest: services.update_customer(customer_id=record_id, **rest),
                assign=lambda *, record_id, **rest: services.assign_customer(customer_id=record_id, **rest),
                archive=lambda *, record_id, **rest: services.archive_customer(customer_id=record_id, **rest),
                restore=lambda *, record_id, **rest: services.restore_customer(customer_id=record_id, **rest),
            ),
        )
    )
    register_kind(
        RecordKind(
            kind="contact",
            model=Contact,
            visible=visible_contacts,
            title=lambda contact: contact.name,
            subtitle=lambda contact: contact.title,
            below=lambda customers: Q(
                pk__in=CustomerContact.objects.filter(customer_id__in=customers).values("contact_id")
            ),
            customer_ids=lambda contact: contact.customer_links.values_list("customer_id", flat=True),
            reads_only_below=True,
            seen_by_readers_of_customer=True,
            search=lambda actor, text: find_contacts(actor, {"q": text}).order_by("-updated_at"),
            find=find_contacts,
            operations=Operations(
                create=services.create_contact,
                update=lambda *, record_id, **rest: services.update_contact(contact_id=record_id, **rest),
                assign=lambda *, record_id, **rest: services.assign_contact(contact_id=record_id, **rest),
                archive=lambda *, record_id, **rest: services.archive_contact(contact_id=record_id, **rest),
                restore=lambda *, record_id, **rest: services.restore_contact(contact_id=record_id, **rest),
            ),
        )
    )
