"""Makes customers and contacts in chunks, for imports. Whoever calls has checked rights and values."""

from collections.abc import Sequence

from django.db import transaction

from crm.customers.models import Contact, Customer, CustomerContact, Identity
from crm.records.bulk import BulkRow, insert_many, stamp_row
from guanxi.access import Actor
from guanxi.common import clock

IDENTITIES = (("phone", "phone"), ("email", "email"), ("wechat_id", "wechat"))


@transaction.atomic
def create_customers(*, actor: Actor, rows: Sequence[BulkRow]) -> list[Customer]:
    """Make customers, each with its first contact when the row has one in `more["contact"]`.

    The new contact's id is put into the row's `more["contact_id"]`.
    """
    customers = []
    for row in rows:
        customer = Customer(**row.values)
        stamp_row(actor, customer, row)
        customers.append(customer)
    insert_many(actor, "customer", customers)
    with_contact = [(row, customer) for row, customer in zip(rows, customers, strict=True) if row.more.get("contact")]
    firsts = [
        BulkRow(
            row.more["contact"], row.owner_id, row.owner_path, row.created_at, row.updated_at, {"customer": customer}
        )
        for row, customer in with_contact
    ]
    for (row, _), contact in zip(with_contact, create_contacts(actor=actor, rows=firsts), strict=True):
        row.more["contact_id"] = contact.pk
    return customers


@transaction.atomic
def create_contacts(*, actor: Actor, rows: Sequence[BulkRow]) -> list[Contact]:
    """Make contacts, linked to the customer that the row has in `more["customer"]`, with their identities."""
    contacts = []
    for row in rows:
        contact = Contact(**row.values)
        stamp_row(actor, contact, row)
        contacts.append(contact)
    insert_many(actor, "contact", contacts)
    customers = [row.more.get("customer") for row in rows]
    _link(contacts, customers)
    _claim(contacts, customers)
    return contacts


def _link(contacts: Sequence[Contact], customers: Sequence[Customer | None]) -> None:
    """Link contacts to their customers; the first contact of a customer is its primary one."""
    wanted = {customer.pk for customer in customers if customer is not None}
    taken = set(CustomerContact.objects.filter(customer_id__in=wanted).values_list("customer_id", flat=True))
    now = clock.now()
    links = []
    for contact, customer in zip(contacts, customers, strict=True):
        if customer is not None:
            first = customer.pk not in taken
            taken.add(customer.pk)
            links.append(
                CustomerContact(customer=customer, contact=contact, is_primary=first, created_at=now, updated_at=now)
            )
    CustomerContact.objects.bulk_create(links, batch_size=1000)


def _claim(contacts: Sequence[Contact], customers: Sequence[Customer | None]) -> None:
    # An identity that another contact holds stays there: joining two people is a merge, which a person decides.
    now = clock.now()
    wanted: dict[tuple[str, str], tuple[Contact, Customer | None]] = {}
    for contact, customer in zip(contacts, customers, strict=True):
        for kind, name in IDENTITIES:
            if value := getattr(contact, name):
                wanted.setdefault((kind, value), (contact, customer))
    if not wanted:
        return
    Identity.objects.bulk_create(
        [
            Identity(
                kind=kind,
                value=value,
                display_name=contact.name,
                contact=contact,
                customer=customer,
                created_at=now,
                updated_at=now,
            )
            for (kind, value), (contact, customer) in wanted.items()
        ],
        batch_size=1000,
        ignore_conflicts=True,
    )
    for kind, _ in IDENTITIES:
        values = [value for found, value in wanted if found == kind]
        nobodys = Identity.objects.select_for_update().filter(kind=kind, value__in=values, contact__isnull=True)
        claimed = []
        for identity in nobodys:
            contact, customer = wanted[(kind, identity.value)]
            identity.contact = contact
            identity.customer_id = identity.customer_id or (customer.pk if customer else None)
            claimed.append(identity)
        Identity.objects.bulk_update(claimed, ["contact", "customer"], batch_size=500)
