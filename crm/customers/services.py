"""Writes customers, contacts and identities."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.activities.services import log_system
from crm.customers import events
from crm.customers.models import Consent, Contact, Customer, CustomerContact, Identity
from crm.customers.selectors import access_contact, access_customer
from crm.customers.types import PersonKey, normalise_email, normalise_phone
from crm.records.search import search_keys
from crm.records.services import archive_record, audience_of, change_record, give_to_owner, restore_record, stamp_new
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Invalid
from guanxi.events.services import record_event
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
NULLABLE = {"parent_id", "next_action_at", "birthday"}
# Of these null changes nothing: they are never empty.
NEVER_EMPTY = {"kind"}
EMPTY: dict[str, Any] = {"tags": [], "custom": {}}
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


def _required_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid("name_missing", "A name is needed. Nothing was saved.", fields={"name": "missing"})
    return name


def _clean(values: Mapping[str, Any], allowed: list[str]) -> dict[str, Any]:
    cleaned = {
        key: EMPTY.get(key, "") if value is None and key not in NULLABLE else value
        for key, value in values.items()
        if key in allowed and not (value is None and key in NEVER_EMPTY)
    }
    if "name" in cleaned:
        cleaned["name"] = _required_name(cleaned["name"])
    if "phone" in cleaned:
        cleaned["phone"] = normalise_phone(cleaned["phone"])
    if "email" in cleaned:
        cleaned["email"] = normalise_email(cleaned["email"])
    return cleaned


def _index_customer(customer: Customer) -> None:
    customer.search_keys = search_keys(customer.name, phones=[customer.phone] if customer.phone else [])


def _index_contact(contact: Contact) -> None:
    contact.search_keys = search_keys(contact.name, contact.wechat, phones=[contact.phone] if contact.phone else [])


@transaction.atomic
def create_customer(*, actor: Actor, values: Mapping[str, Any], owner_id: int | None = None) -> Customer:
    """Create a customer; it is the actor's own unless another owner is named, which needs `customer.assign`.

    Raises Invalid for a missing name or an unknown owner.
    """
    require(actor, "customer.create")
    if owner_id is not None and owner_id != actor.member_id:
        require(actor, "customer.assign")
        require_active_member(owner_id)
    customer = Customer(**_clean(values, CUSTOMER_FIELDS))
    customer.name = _required_name(customer.name)
    _check_parent(actor, customer, customer.parent_id)
    stamp_new(actor, customer, owner_id=owner_id)
    _index_customer(customer)
    customer.save()
    record_audit(actor=actor, action="create", kind="customer", record_id=customer.pk)
    record_event(
        events.CUSTOMER_CREATED,
        actor=actor,
        aggregate=("customer", customer.pk),
        audience=audience_of(customer, "customer.read"),
    )
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
    cleaned = _clean(changes, CUSTOMER_FIELDS)
    if "parent_id" in cleaned:
        _check_parent(actor, customer, cleaned["parent_id"])
    probe = {**{name: getattr(customer, name) for name in ("name", "phone")}, **cleaned}
    customer.search_keys = search_keys(probe["name"], phones=[probe["phone"]] if probe["phone"] else [])
    changed = change_record(actor, customer, "customer", cleaned, version=version)
    if changed:
        record_event(
            events.CUSTOMER_UPDATED,
            actor=actor,
            aggregate=("customer", customer.pk),
            data={"fields": sorted(changed)},
            audience=audience_of(customer, "customer.read"),
        )
    return access_customer(actor, customer_id)


@transaction.atomic
def assign_customer(*, actor: Actor, customer_id: int, owner_id: int) -> Customer:
    """Give a customer to another member; its history stays."""
    require(actor, "customer.assign")
    customer = access_customer(actor, customer_id, "customer.assign", lock=True)
    require_active_member(owner_id)
    before = customer.owner_id
    if before == owner_id:
        return customer
    give_to_owner(customer, owner_id)
    customer.version += 1
    customer.updated_at = clock.now()
    customer.save()
    record_audit(
        actor=actor, action="assign", kind="customer", record_id=customer.pk, changes={"owner_id": (before, owner_id)}
    )
    log_system(
        actor=actor,
        event=events.CUSTOMER_ASSIGNED,
        record=("customer", customer.pk),
        data={"from": before, "to": owner_id},
    )
    record_event(
        events.CUSTOMER_ASSIGNED,
        actor=actor,
        aggregate=("customer", customer.pk),
        data={"from": before, "to": owner_id},
        audience=audience_of(customer, "customer.read"),
    )
    return customer


@transaction.atomic
def archive_customer(*, actor: Actor, customer_id: int) -> Customer:
    """Take a customer out of the lists."""
    require(actor, "customer.archive")
    customer = access_customer(actor, customer_id, "customer.archive", lock=True)
    if archive_record(actor, customer, "customer"):
        record_event(
            events.CUSTOMER_ARCHIVED,
            actor=actor,
            aggregate=("customer", customer.pk),
            audience=audience_of(customer, "customer.read"),
        )
    return customer


@transaction.atomic
def restore_customer(*, actor: Actor, customer_id: int) -> Customer:
    """Put an archived customer back."""
    require(actor, "customer.archive")
    customer = access_customer(actor, customer_id, "customer.archive", lock=True)
    if restore_record(actor, customer, "customer"):
        record_event(
            events.CUSTOMER_RESTORED,
            actor=actor,
            aggregate=("customer", customer.pk),
            audience=audience_of(customer, "customer.read"),
        )
    return customer


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
    contact = Contact(**_clean(values, CONTACT_FIELDS))
    contact.name = _required_name(contact.name)
    if owner_id is not None and owner_id != actor.member_id:
        require(actor, "contact.assign")
        require_active_member(owner_id)
    stamp_new(actor, contact, owner_id=owner_id)
    _index_contact(contact)
    contact.save()
    _claim_identities(contact, customer_id)
    if customer_id is not None:
        link_contact(actor=actor, contact_id=contact.pk, customer_id=customer_id, role=role)
    record_audit(actor=actor, action="create", kind="contact", record_id=contact.pk)
    record_event(
        events.CONTACT_CREATED,
        actor=actor,
        aggregate=("contact", contact.pk),
        audience=audience_of(contact, "contact.read"),
    )
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
    cleaned = _clean(changes, CONTACT_FIELDS)
    probe = {**{name: getattr(contact, name) for name in ("name", "wechat", "phone")}, **cleaned}
    contact.search_keys = search_keys(probe["name"], probe["wechat"], phones=[probe["phone"]] if probe["phone"] else [])
    changed = change_record(actor, contact, "contact", cleaned, version=version)
    if changed:
        _claim_identities(contact)
        record_event(
            events.CONTACT_UPDATED,
            actor=actor,
            aggregate=("contact", contact.pk),
            data={"fields": sorted(changed)},
            audience=audience_of(contact, "contact.read"),
        )
    return access_contact(actor, contact_id)


@transaction.atomic
def archive_contact(*, actor: Actor, contact_id: int) -> Contact:
    """Take a contact out of the lists."""
    require(actor, "contact.archive")
    contact = access_contact(actor, contact_id, "contact.archive", lock=True)
    if archive_record(actor, contact, "contact"):
        record_event(
            events.CONTACT_ARCHIVED,
            actor=actor,
            aggregate=("contact", contact.pk),
            audience=audience_of(contact, "contact.read"),
        )
    return contact


@transaction.atomic
def restore_contact(*, actor: Actor, contact_id: int) -> Contact:
    """Put an archived contact back."""
    require(actor, "contact.archive")
    contact = access_contact(actor, contact_id, "contact.archive", lock=True)
    if restore_record(actor, contact, "contact"):
        record_event(
            events.CONTACT_RESTORED,
            actor=actor,
            aggregate=("contact", contact.pk),
            audience=audience_of(contact, "contact.read"),
        )
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


@transaction.atomic
def know_person(*, key: PersonKey) -> Identity:
    """Return the identity of a key, made when it is new; a later name, picture or verification fills it in."""
    identity, made = Identity.objects.get_or_create(
        kind=key.kind,
        value=key.value,
        defaults={
            "verified_at": clock.now() if key.verified else None,
            "display_name": key.display_name,
            "avatar_url": key.avatar_url,
            "created_at": clock.now(),
        },
    )
    if not made:
        _fill_in(identity, key)
    return identity


def _fill_in(identity: Identity, key: PersonKey) -> None:
    changed = []
    for name, value in (("display_name", key.display_name), ("avatar_url", key.avatar_url)):
        if value and getattr(identity, name) != value:
            setattr(identity, name, value)
            changed.append(name)
    if key.verified and identity.verified_at is None:
        identity.verified_at = clock.now()
        changed.append("verified_at")
    if changed:
        identity.save(update_fields=changed)


@transaction.atomic
def attach_identity(*, actor: Actor, identity_id: int, contact_id: int, customer_id: int | None = None) -> Identity:
    """Join an identity to a contact, and to the contact's customer."""
    identity = Identity.objects.select_for_update().get(pk=identity_id)
    before = identity.contact_id
    identity.contact_id = contact_id
    identity.customer_id = customer_id or identity.customer_id
    identity.save(update_fields=["contact_id", "customer_id"])
    record_audit(
        actor=actor,
        action="attach_identity",
        kind="contact",
        record_id=contact_id,
        changes={"contact_id": (before, contact_id)},
    )
    return identity


@transaction.atomic
def record_consent(
    *, actor: Actor, identity_id: int, channel: str, purpose: str, text_version: str, proof: dict[str, Any]
) -> Consent:
    """Keep that a person agreed, with the version of the text that was shown."""
    return Consent.objects.create(
        identity_id=identity_id,
        channel=channel,
        purpose=purpose,
        text_version=text_version,
        proof=proof,
        granted_at=clock.now(),
    )


def touch_activity(*, kind: str, record_id: int) -> None:
    """Note that something happened with a customer or a contact just now; lists sort by it."""
    rows = {"customer": Customer.objects.all(), "contact": Contact.objects.all()}.get(kind)
    if rows is not None:
        rows.filter(pk=record_id).update(last_activity_at=clock.now())
