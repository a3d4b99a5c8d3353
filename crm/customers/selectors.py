"""Reads customers, contacts and identities, each inside the actor's scope."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from crm.activities.selectors import without_next_step
from crm.customers.models import Contact, Customer, CustomerContact, Identity
from crm.customers.types import PersonKey
from crm.records.modes import finding_q, require_filterable
from crm.records.visibility import reach_q
from guanxi.access import Actor
from guanxi.common.errors import NotFound


def visible_customers(actor: Actor) -> QuerySet[Customer]:
    """Return the customers that the actor may read, archived ones too."""
    return Customer.objects.filter(reach_q(actor, "customer")).select_related("owner")


def access_customer(
    actor: Actor, customer_id: int, permission: str = "customer.read", *, lock: bool = False
) -> Customer:
    """Return a customer that the permission reaches; raise NotFound otherwise. `lock` holds the row until the
    transaction ends.
    """
    rows = Customer.objects.filter(reach_q(actor, "customer"))
    if permission != "customer.read":
        rows = rows.filter(reach_q(actor, *permission.split(".")))
    rows = rows.select_for_update() if lock else rows.select_related("owner")
    customer = rows.filter(pk=customer_id).first()
    if customer is None:
        raise NotFound("customer", customer_id)
    return customer


def find_customers(actor: Actor, filters: Mapping[str, Any]) -> QuerySet[Customer]:
    """Return the visible customers that fit the filters: q, owner_id, level, city, source, tag, archived."""
    require_filterable(actor, "customer", filters)
    rows = visible_customers(actor).filter(archived_at__isnull=not filters.get("archived"))
    if text := filters.get("q"):
        rows = rows.filter(finding_q(actor, "customer", text))
    for name in ("owner_id", "level", "city", "province", "source", "kind", "industry"):
        if (value := filters.get(name)) not in (None, ""):
            rows = rows.filter(**{name: value})
    if tag := filters.get("tag"):
        rows = rows.filter(tags__contains=[tag])
    if filters.get("no_next_step"):
        rows = without_next_step(rows, "customer")
    return rows


def visible_contacts(actor: Actor) -> QuerySet[Contact]:
    """Return the contacts that the actor reaches, and those of customers that the actor may read."""
    condition = reach_q(actor, "contact")
    if condition and "contact.read" in actor.grants:
        readable = Customer.objects.filter(reach_q(actor, "customer")).values("pk")
        condition |= Q(pk__in=CustomerContact.objects.filter(customer_id__in=readable).values("contact_id"))
    links = Prefetch("customer_links", CustomerContact.objects.select_related("customer").order_by("-is_primary", "id"))
    return Contact.objects.filter(condition).select_related("owner").prefetch_related(links)


def access_contact(actor: Actor, contact_id: int, permission: str = "contact.read", *, lock: bool = False) -> Contact:
    """Return a contact that the actor may see and, for another permission than read, that it reaches; raise NotFound
    otherwise.
    """
    rows = visible_contacts(actor).filter(pk=contact_id)
    if permission != "contact.read":
        rows = rows.filter(reach_q(actor, *permission.split(".")))
    if lock:
        rows = rows.select_related(None).select_for_update(of=("self",))
    contact = rows.first()
    if contact is None:
        raise NotFound("contact", contact_id)
    return contact


def find_contacts(actor: Actor, filters: Mapping[str, Any]) -> QuerySet[Contact]:
    """Return the visible contacts that fit the filters: q, owner_id, customer_id, archived."""
    require_filterable(actor, "contact", filters)
    rows = visible_contacts(actor).filter(archived_at__isnull=not filters.get("archived"))
    if text := filters.get("q"):
        rows = rows.filter(finding_q(actor, "contact", text))
    if owner_id := filters.get("owner_id"):
        rows = rows.filter(owner_id=owner_id)
    if customer_id := filters.get("customer_id"):
        rows = rows.filter(customer_links__customer_id=customer_id)
    return rows


def identity_names(identity_ids: set[int]) -> dict[int, str]:
    """Return the names that channels gave for these identities."""
    return dict(Identity.objects.filter(pk__in=identity_ids).values_list("pk", "display_name"))


def identities_of_contact(contact_id: int) -> QuerySet[Identity]:
    """Return what a contact is known by."""
    return Identity.objects.filter(contact_id=contact_id).order_by("id")


def identity_key(identity_id: int) -> PersonKey:
    """Return what a channel knows a person by; raise NotFound when it is gone."""
    identity = Identity.objects.filter(pk=identity_id).first()
    if identity is None:
        raise NotFound("identity", identity_id)
    verified = identity.verified_at is not None
    return PersonKey(identity.kind, identity.value, verified, identity.display_name, identity.avatar_url)
