"""What customers and contacts are found by."""

from crm.customers.models import Contact, Customer
from crm.records.custom import searched_texts
from crm.records.search import search_keys


def customer_keys(customer: Customer) -> list[str]:
    """Return the keys that a customer is found by."""
    own = searched_texts("customer", customer.custom)
    return search_keys(customer.name, *own, phones=[customer.phone] if customer.phone else [])


def contact_keys(contact: Contact) -> list[str]:
    """Return the keys that a contact is found by."""
    own = searched_texts("contact", contact.custom)
    return search_keys(contact.name, contact.wechat, *own, phones=[contact.phone] if contact.phone else [])
