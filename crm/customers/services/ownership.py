"""Customers that are nobody's: how one is let go, and how somebody takes it. Whoever calls has checked the rights."""

from django.db import transaction

from crm.activities.services import log_system
from crm.customers import events
from crm.customers.models import Contact, Customer
from crm.records.services import assign_record, release_record
from guanxi.access import Actor
from tenants.members.selectors import department_of


@transaction.atomic
def release_customer(*, actor: Actor, customer_id: int, owner_id: int | None) -> Customer | None:
    """Take the owner from a customer and from the contacts that the owner knows only through it; None when it is no
    longer this owner's or archived.
    """
    rows = Customer.objects.filter(pk=customer_id, owner_id=owner_id, archived_at__isnull=True)
    customer = rows.select_for_update().first()
    if customer is None:
        return None
    if release_record(actor, customer, "customer"):
        elsewhere = Contact.objects.filter(
            customer_links__customer__owner_id=owner_id, customer_links__customer__archived_at__isnull=True
        )
        contacts = Contact.objects.select_for_update(of=("self",)).filter(
            pk__in=customer.contact_links.values("contact_id"), owner_id=owner_id
        )
        for contact in contacts.exclude(pk__in=elsewhere.values("pk")):
            release_record(actor, contact, "contact")
        step = {"from": owner_id, "to": None}
        log_system(actor=actor, event=events.CUSTOMER_ASSIGNED, record=("customer", customer.pk), data=step)
    return customer


@transaction.atomic
def take_customer(*, actor: Actor, customer_id: int, owner_id: int) -> Customer | None:
    """Make somebody the owner of a customer that is nobody's, by one conditional update, and of its contacts that are
    nobody's; None when it has an owner.
    """
    rows = Customer.objects.filter(pk=customer_id, owner__isnull=True, archived_at__isnull=True)
    if not rows.update(owner_id=owner_id, owner_department_path=department_of(owner_id)):
        return None
    customer = Customer.objects.get(pk=customer_id)
    customer.owner_id = None
    assign_record(actor, customer, "customer", owner_id)
    orphans = Contact.objects.select_for_update(of=("self",)).filter(
        pk__in=customer.contact_links.values("contact_id"), owner__isnull=True
    )
    for contact in orphans:
        assign_record(actor, contact, "contact", owner_id)
    step = {"from": None, "to": owner_id}
    log_system(actor=actor, event=events.CUSTOMER_ASSIGNED, record=("customer", customer.pk), data=step)
    return customer
