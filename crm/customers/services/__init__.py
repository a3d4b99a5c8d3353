"""Writes customers, contacts and identities."""

from crm.customers.services.contacts import (
    archive_contact,
    assign_contact,
    create_contact,
    link_contact,
    restore_contact,
    unlink_contact,
    update_contact,
)
from crm.customers.services.customers import (
    archive_customer,
    assign_customer,
    create_customer,
    restore_customer,
    update_customer,
)
from crm.customers.services.ownership import release_customer, take_customer
from crm.customers.services.people import attach_identity, know_person, record_consent, touch_activity

__all__ = [
    "archive_contact",
    "archive_customer",
    "assign_contact",
    "assign_customer",
    "attach_identity",
    "create_contact",
    "create_customer",
    "know_person",
    "link_contact",
    "record_consent",
    "release_customer",
    "restore_contact",
    "restore_customer",
    "take_customer",
    "touch_activity",
    "unlink_contact",
    "update_contact",
    "update_customer",
]
