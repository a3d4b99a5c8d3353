"""Writes what channels know people by, and what people agreed to."""

from typing import Any

from django.db import transaction

from crm.customers.models import Consent, Contact, Customer, Identity
from crm.customers.types import PersonKey
from guanxi.access import Actor
from guanxi.audit.services import record_audit
from guanxi.common import clock


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
    # No key changes: a message that is written at the same time, and names the identity, does not wait for this.
    identity = Identity.objects.select_for_update(no_key=True).get(pk=identity_id)
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
