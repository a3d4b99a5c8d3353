"""What customers and contacts are found by."""

from crm.customers.models import Contact, Customer
from crm.records.search import search_keys


def customer_keys(customer: Customer) -> list[str]:
    """Return the keys that a customer is found by."""
    return search_keys(customer.name, phones=[customer.phone] if customer.phone else [])


def contact_keys(contact: Contact) -> list[str]:
    """Return the keys that a contact is found by."""
    return search_keys(contact.name, contact.wechat, phones=[contact.phone] if contact.phone else [])
