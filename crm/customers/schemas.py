"""Shapes of customers and contacts in the API."""

from datetime import date, datetime
from typing import Any, Literal

from ninja import Field, Schema

from crm.records.schemas import ListFilters, RecordFields

CustomerKind = Literal["company", "person"]
ContactRole = Literal["decider", "user", "influencer", "payer", "other"]


class CustomerBrief(Schema):
    """A customer as other records name one."""

    id: int
    name: str


class CustomerFields(Schema):
    """What of a customer can be written."""

    kind: CustomerKind = "company"
    level: Literal["", "A", "B", "C"] = ""
    industry: str = Field("", max_length=80)
    province: str = Field("", max_length=40)
    city: str = Field("", max_length=40)
    address: str = Field("", max_length=300)
    website: str = Field("", max_length=300)
    phone: str = Field("", max_length=40)
    email: str = Field("", max_length=254)
    description: str = Field("", max_length=5000)
    source: str = Field("", max_length=60)
    tags: list[str] = []
    custom: dict[str, Any] = {}
    parent_id: int | None = None
    next_action_at: datetime | None = None


class CustomerIn(CustomerFields):
    """A new customer."""

    name: str = Field(min_length=1, max_length=200)
    owner_id: int | None = None


class CustomerPatch(Schema):
    """Changes of a customer; only what is given changes."""

    name: str | None = Field(None, min_length=1, max_length=200)
    kind: CustomerKind | None = None
    level: Literal["", "A", "B", "C"] | None = None
    industry: str | None = Field(None, max_length=80)
    province: str | None = Field(None, max_length=40)
    city: str | None = Field(None, max_length=40)
    address: str | None = Field(None, max_length=300)
    website: str | None = Field(None, max_length=300)
    phone: str | None = Field(None, max_length=40)
    email: str | None = Field(None, max_length=254)
    description: str | None = Field(None, max_length=5000)
    source: str | None = Field(None, max_length=60)
    tags: list[str] | None = None
    custom: dict[str, Any] | None = None
    parent_id: int | None = None
    next_action_at: datetime | None = None


class CustomerOut(RecordFields):
    """A customer."""

    shown_as = "customer"
    name: str
    kind: str
    level: str
    industry: str
    province: str
    city: str
    address: str
    website: str
    phone: str
    email: str
    description: str
    parent_id: int | None


class CustomerFilters(ListFilters):
    """Filters of the customer list."""

    q: str = Field("", max_length=100)
    owner_id: int | None = None
    level: str = ""
    kind: str = ""
    industry: str = ""
    province: str = ""
    city: str = ""
    source: str = ""
    tag: str = ""
    archived: bool = False
    no_next_step: bool = False
    order: str = Field("-updated_at", max_length=80)


class CustomerLinkOut(Schema):
    """What a contact is at a customer."""

    customer: CustomerBrief
    role: str
    is_primary: bool


class ContactIn(Schema):
    """A new contact."""

    name: str = Field(min_length=1, max_length=120)
    title: str = Field("", max_length=80)
    phone: str = Field("", max_length=40)
    email: str = Field("", max_length=254)
    wechat: str = Field("", max_length=60)
    birthday: date | None = None
    description: str = Field("", max_length=5000)
    source: str = Field("", max_length=60)
    tags: list[str] = []
    custom: dict[str, Any] = {}
    customer_id: int | None = None
    role: ContactRole = "other"
    owner_id: int | None = None


class ContactPatch(Schema):
    """Changes of a contact; only what is given changes."""

    name: str | None = Field(None, min_length=1, max_length=120)
    title: str | None = Field(None, max_length=80)
    phone: str | None = Field(None, max_length=40)
    email: str | None = Field(None, max_length=254)
    wechat: str | None = Field(None, max_length=60)
    birthday: date | None = None
    description: str | None = Field(None, max_length=5000)
    source: str | None = Field(None, max_length=60)
    tags: list[str] | None = None
    custom: dict[str, Any] | None = None
    next_action_at: datetime | None = None


class ContactOut(RecordFields):
    """A contact."""

    shown_as = "contact"
    name: str
    title: str
    phone: str
    email: str
    wechat: str
    birthday: date | None
    description: str
    customers: list[CustomerLinkOut]

    @staticmethod
    def resolve_customers(contact: Any) -> list[Any]:
        """Return the links, the primary one first; the list has loaded them already."""
        return list(contact.customer_links.all())


class ContactFilters(ListFilters):
    """Filters of the contact list."""

    q: str = Field("", max_length=100)
    owner_id: int | None = None
    customer_id: int | None = None
    archived: bool = False
    order: str = Field("-updated_at", max_length=80)


class LinkIn(Schema):
    """What a contact is to be at a customer."""

    customer_id: int
    role: ContactRole = "other"
    is_primary: bool = False


class AssignIn(Schema):
    """The new owner."""

    owner_id: int


class IdentityOut(Schema):
    """What a channel knows a contact by."""

    id: int
    kind: str
    value: str
    display_name: str
    verified_at: datetime | None
