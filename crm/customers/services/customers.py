"""Writes customers."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.activities.services import log_system
from crm.customers import events
from crm.customers.models import Customer
from crm.customers.selectors import access_customer
from crm.customers.services.common import clean, required_name
from crm.customers.services.finding import customer_keys
from crm.records.services import (
    archive_record,
    assign_record,
    change_record,
    clean_record,
    restore_record,
    save_new,
    stamp_new,
    tell_of,
)
from guanxi.access import Actor, require
from guanxi.common.errors import Invalid
from tenants.members.selectors import require_active_member

CUSTOMER_FIELDS = [
    "name",
    "kind",
    "level",
    "industry",
    "province",
    "city",
    "address",
    "website",
    "phone",
    "email",
    "description",
    "parent_id",
    "source",
    "tags",
    "custom",
    "next_action_at",
]


@transaction.atomic
def create_customer(*, actor: Actor, values: Mapping[str, Any], owner_id: int | None = None) -> Customer:
    """Create a customer; it is the actor's own unless another owner is named, which needs `customer.assign`.

    Raises Invalid for a missing name or an unknown owner.
    """
    require(actor, "customer.create")
    if owner_id is not None and owner_id != actor.member_id:
        require(actor, "customer.assign")
        require_active_member(owner_id)
    values = clean_record(actor, "customer", clean(values, CUSTOMER_FIELDS))
    customer = Customer(**values)
    customer.name = required_name(customer.name)
    _check_parent(actor, customer, customer.parent_id)
    stamp_new(actor, customer, owner_id=owner_id)
    customer.search_keys = customer_keys(customer)
    save_new(actor, customer, "customer")
    tell_of(actor, customer, "customer", events.CUSTOMER_CREATED)
    return customer


def _check_parent(actor: Actor, customer: Customer, parent_id: int | None) -> None:
    if parent_id is not None:
        access_customer(actor, parent_id)
    seen = {customer.pk} if customer.pk else set()
    while parent_id is not None:
        if parent_id in seen:
            raise Invalid(
                "parent_loop", "A customer cannot stand below itself. Nothing was saved.", fields={"parent_id": "loop"}
            )
        seen.add(parent_id)
        parent_id = Customer.objects.values_list("parent_id", flat=True).get(pk=parent_id)


@transaction.atomic
def update_customer(
    *, actor: Actor, customer_id: int, changes: Mapping[str, Any], version: int | None = None
) -> Customer:
    """Change fields of a customer. Raises NotFound, Invalid, or VersionConflict when `version` is not the row's."""
    require(actor, "customer.update")
    customer = access_customer(actor, customer_id, "customer.update", lock=True)
    cleaned = clean_record(actor, "customer", clean(changes, CUSTOMER_FIELDS), record=customer)
    if "parent_id" in cleaned:
        _check_parent(actor, customer, cleaned["parent_id"])
    probe = {**{name: getattr(customer, name) for name in ("name", "phone", "custom")}, **cleaned}
    customer.search_keys = customer_keys(Customer(**{name: probe[name] for name in ("name", "phone", "custom")}))
    changed = change_record(actor, customer, "customer", cleaned, version=version)
    if changed:
        tell_of(actor, customer, "customer", events.CUSTOMER_UPDATED, fields=sorted(changed))
    return access_customer(actor, customer_id)


@transaction.atomic
def assign_customer(*, actor: Actor, customer_id: int, owner_id: int) -> Customer:
    """Give a customer to another member; its history stays."""
    require(actor, "customer.assign")
    customer = access_customer(actor, customer_id, "customer.assign", lock=True)
    require_active_member(owner_id)
    before = customer.owner_id
    if assign_record(actor, customer, "customer", owner_id):
        step = {"from": before, "to": owner_id}
        log_system(actor=actor, event=events.CUSTOMER_ASSIGNED, record=("customer", customer.pk), data=step)
    return customer


@transaction.atomic
def archive_customer(*, actor: Actor, customer_id: int) -> Customer:
    """Take a customer out of the lists."""
    require(actor, "customer.archive")
    customer = access_customer(actor, customer_id, "customer.archive", lock=True)
    archive_record(actor, customer, "customer")
    return customer


@transaction.atomic
def restore_customer(*, actor: Actor, customer_id: int) -> Customer:
    """Put an archived customer back."""
    require(actor, "customer.archive")
    customer = access_customer(actor, customer_id, "customer.archive", lock=True)
    restore_record(actor, customer, "customer")
    return customer
