"""Writes contacts and what they are at customers."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.customers import events
from crm.customers.models import Contact, CustomerContact, Identity
from crm.customers.selectors import access_contact, access_customer
from crm.customers.services.common import clean, required_name
from crm.customers.services.finding import contact_keys
from crm.records.services import (
    archive_record,
    assign_record,
    audience_of,
    change_record,
    clean_record,
    restore_record,
    save_new,
    stamp_new,
    tell_of,
)
from guanxi.access import Actor, require
from guanxi.common import clock
from guanxi.common.errors import Invalid
from guanxi.events.services import record_event
from tenants.members.selectors import require_active_member

CONTACT_FIELDS = [
    "name",
    "title",
    "phone",
    "email",
    "wechat",
    "birthday",
    "description",
    "source",
    "tags",
    "custom",
    "next_action_at",
]


@transaction.atomic
def create_contact(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    customer_id: int | None = None,
    role: str = "other",
    owner_id: int | None = None,
) -> Contact:
    """Create a contact, linked to a customer when one is named; phone and e-mail become identities of the contact."""
    require(actor, "contact.create")
    contact = Contact(**clean_record(actor, "contact", clean(values, CONTACT_FIELDS)))
    contact.name = required_name(contact.name)
    if owner_id is not None and owner_id != actor.member_id:
        require(actor, "contact.assign")
        require_active_member(owner_id)
    stamp_new(actor, contact, owner_id=owner_id)
    contact.search_keys = contact_keys(contact)
    save_new(actor, contact, "contact")
    _claim_identities(contact, customer_id)
    if customer_id is not None:
        link_contact(actor=actor, contact_id=contact.pk, customer_id=customer_id, role=role)
    tell_of(actor, contact, "contact", events.CONTACT_CREATED)
    return contact


def _claim_identities(contact: Contact, customer_id: int | None = None) -> None:
    # An identity that another contact holds stays there: joining two people is a merge, which a person decides.
    for kind, value in (("phone", contact.phone), ("email", contact.email), ("wechat_id", contact.wechat)):
        if value:
            identity, _ = Identity.objects.get_or_create(
                kind=kind, value=value, defaults={"display_name": contact.name}
            )
            if identity.contact_id is None:
                identity.contact = contact
                identity.customer_id = identity.customer_id or customer_id
                identity.save(update_fields=["contact", "customer_id"])


@transaction.atomic
def update_contact(*, actor: Actor, contact_id: int, changes: Mapping[str, Any], version: int | None = None) -> Contact:
    """Change fields of a contact. Raises NotFound, Invalid or VersionConflict."""
    require(actor, "contact.update")
    contact = access_contact(actor, contact_id, "contact.update", lock=True)
    cleaned = clean_record(actor, "contact", clean(changes, CONTACT_FIELDS), record=contact)
    probe = {**{name: getattr(contact, name) for name in ("name", "wechat", "phone", "custom")}, **cleaned}
    kept = {name: probe[name] for name in ("name", "wechat", "phone", "custom")}
    contact.search_keys = contact_keys(Contact(**kept))
    changed = change_record(actor, contact, "contact", cleaned, version=version)
    if changed:
        _claim_identities(contact)
        tell_of(actor, contact, "contact", events.CONTACT_UPDATED, fields=sorted(changed))
    return access_contact(actor, contact_id)


@transaction.atomic
def assign_contact(*, actor: Actor, contact_id: int, owner_id: int) -> Contact:
    """Give a contact to another member."""
    require(actor, "contact.assign")
    contact = access_contact(actor, contact_id, "contact.assign", lock=True)
    require_active_member(owner_id)
    assign_record(actor, contact, "contact", owner_id)
    return contact


@transaction.atomic
def archive_contact(*, actor: Actor, contact_id: int) -> Contact:
    """Take a contact out of the lists."""
    require(actor, "contact.archive")
    contact = access_contact(actor, contact_id, "contact.archive", lock=True)
    archive_record(actor, contact, "contact")
    return contact


@transaction.atomic
def restore_contact(*, actor: Actor, contact_id: int) -> Contact:
    """Put an archived contact back."""
    require(actor, "contact.archive")
    contact = access_contact(actor, contact_id, "contact.archive", lock=True)
    restore_record(actor, contact, "contact")
    return contact


@transaction.atomic
def link_contact(
    *, actor: Actor, contact_id: int, customer_id: int, role: str = "other", is_primary: bool = False
) -> CustomerContact:
    """Say what a contact is at a customer; a second call changes the role. The first contact of a customer is its
    primary one.
    """
    require(actor, "contact.update")
    contact = access_contact(actor, contact_id)
    customer = access_customer(actor, customer_id, lock=True)
    if role not in CustomerContact.Role.values:
        raise Invalid("unknown_role", "This role is not known. Nothing was saved.", fields={"role": "unknown"})
    first = not CustomerContact.objects.filter(customer=customer).exists()
    if is_primary:
        CustomerContact.objects.filter(customer=customer, is_primary=True).exclude(contact=contact).update(
            is_primary=False
        )
    link, _ = CustomerContact.objects.update_or_create(
        customer=customer,
        contact=contact,
        defaults={"role": role, "is_primary": is_primary or first, "updated_at": clock.now()},
    )
    record_event(
        events.CONTACT_LINKED,
        actor=actor,
        aggregate=("contact", contact.pk),
        data={"customer_id": customer.pk, "role": role},
        audience=audience_of(customer, "customer.read"),
    )
    return link


@transaction.atomic
def unlink_contact(*, actor: Actor, contact_id: int, customer_id: int) -> None:
    """End what a contact is at a customer."""
    require(actor, "contact.update")
    contact, customer = access_contact(actor, contact_id), access_customer(actor, customer_id)
    CustomerContact.objects.filter(contact=contact, customer=customer).delete()
    record_event(
        events.CONTACT_UNLINKED,
        actor=actor,
        aggregate=("contact", contact.pk),
        data={"customer_id": customer.pk},
        audience=audience_of(customer, "customer.read"),
    )
