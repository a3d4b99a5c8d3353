"""Makes custom fields for tests."""

from typing import Any

from crm.customers.models import Customer
from crm.customers.services import create_customer
from guanxi.access import Actor
from guanxi.customfields.models import CustomField
from guanxi.customfields.services import create_field


def field(type_: str, key: str = "", *, kind: str = "customer", **values: Any) -> CustomField:
    """Add a field to customers."""
    values = {"label": key or type_, "key": key or type_, "type": type_, **values}
    return create_field(actor=Actor.system("test"), kind=kind, values=values)


def customer(actor: Actor, name: str = "杭州西湖茶业", **custom: Any) -> Customer:
    """Make a customer with these values."""
    return create_customer(actor=actor, values={"name": name, "custom": custom})
