"""The API of customers and contacts."""

from typing import Any

from django.http import HttpResponse
from ninja import Query

from crm.customers import selectors, services
from crm.customers.models import Contact, Customer, Identity
from crm.customers.schemas import (
    AssignIn,
    ContactFilters,
    ContactIn,
    ContactOut,
    ContactPatch,
    CustomerFilters,
    CustomerIn,
    CustomerOut,
    CustomerPatch,
    IdentityOut,
    LinkIn,
)
from crm.records.lists import Count, count_of, list_page
from crm.records.modes import present
from crm.records.schemas import CountOut
from guanxi.access import Actor
from guanxi.http.pages import Page, PageParams, PageResult
from guanxi.http.router import ApiRequest, AppRouter, if_match, set_etag

router = AppRouter(tag="customers")


@router.get("/customers", permission="customer.read", response=Page[CustomerOut])
def customers_list(request: ApiRequest, filters: Query[CustomerFilters], page: Query[PageParams]) -> PageResult:
    """List customers, last changed first; `filter` and `order` go over every field."""
    return list_page(request.actor, "customer", filters.dict(), page)


@router.get("/customers/count", permission="customer.read", response=CountOut)
def customers_count(request: ApiRequest, filters: Query[CustomerFilters]) -> Count:
    """Count customers that fit, up to ten thousand."""
    return count_of(request.actor, "customer", filters.dict())


@router.post("/customers", permission="customer.create", response={201: CustomerOut})
def customers_create(request: ApiRequest, body: CustomerIn) -> tuple[int, Customer]:
    """Create a customer."""
    values = body.dict(exclude={"owner_id"})
    return 201, services.create_customer(actor=request.actor, values=values, owner_id=body.owner_id)


@router.get("/customers/{customer_id}", permission="customer.read", response=CustomerOut)
def customers_get(request: ApiRequest, response: HttpResponse, customer_id: int) -> Customer:
    """Return a customer."""
    return set_etag(response, selectors.access_customer(request.actor, customer_id))


@router.patch("/customers/{customer_id}", permission="customer.update", response=CustomerOut)
def customers_update(request: ApiRequest, response: HttpResponse, customer_id: int, body: CustomerPatch) -> Customer:
    """Change a customer; If-Match with the version refuses a lost update."""
    changes = body.dict(exclude_unset=True)
    customer = services.update_customer(
        actor=request.actor, customer_id=customer_id, changes=changes, version=if_match(request)
    )
    return set_etag(response, customer)


@router.post("/customers/{customer_id}/assign", permission="customer.assign", response=CustomerOut)
def customers_assign(request: ApiRequest, customer_id: int, body: AssignIn) -> Customer:
    """Give a customer to another member."""
    return services.assign_customer(actor=request.actor, customer_id=customer_id, owner_id=body.owner_id)


@router.post("/customers/{customer_id}/archive", permission="customer.archive", response=CustomerOut)
def customers_archive(request: ApiRequest, customer_id: int) -> Customer:
    """Archive a customer."""
    return services.archive_customer(actor=request.actor, customer_id=customer_id)


@router.post("/customers/{customer_id}/restore", permission="customer.archive", response=CustomerOut)
def customers_restore(request: ApiRequest, customer_id: int) -> Customer:
    """Restore an archived customer."""
    return services.restore_customer(actor=request.actor, customer_id=customer_id)


@router.get("/contacts", permission="contact.read", response=Page[ContactOut])
def contacts_list(request: ApiRequest, filters: Query[ContactFilters], page: Query[PageParams]) -> PageResult:
    """List contacts, last changed first; `customer_id` narrows to one customer's."""
    return list_page(request.actor, "contact", filters.dict(), page)


@router.get("/contacts/count", permission="contact.read", response=CountOut)
def contacts_count(request: ApiRequest, filters: Query[ContactFilters]) -> Count:
    """Count contacts that fit, up to ten thousand."""
    return count_of(request.actor, "contact", filters.dict())


@router.post("/contacts", permission="contact.create", response={201: ContactOut})
def contacts_create(request: ApiRequest, body: ContactIn) -> tuple[int, Contact]:
    """Create a contact."""
    values = body.dict(exclude={"owner_id", "customer_id", "role"})
    contact = services.create_contact(
        actor=request.actor, values=values, customer_id=body.customer_id, role=body.role, owner_id=body.owner_id
    )
    return 201, contact


@router.get("/contacts/{contact_id}", permission="contact.read", response=ContactOut)
def contacts_get(request: ApiRequest, response: HttpResponse, contact_id: int) -> Contact:
    """Return a contact."""
    return set_etag(response, selectors.access_contact(request.actor, contact_id))


@router.patch("/contacts/{contact_id}", permission="contact.update", response=ContactOut)
def contacts_update(request: ApiRequest, response: HttpResponse, contact_id: int, body: ContactPatch) -> Contact:
    """Change a contact; If-Match with the version refuses a lost update."""
    changes = body.dict(exclude_unset=True)
    contact = services.update_contact(
        actor=request.actor, contact_id=contact_id, changes=changes, version=if_match(request)
    )
    return set_etag(response, contact)


@router.post("/contacts/{contact_id}/archive", permission="contact.archive", response=ContactOut)
def contacts_archive(request: ApiRequest, contact_id: int) -> Contact:
    """Archive a contact."""
    return services.archive_contact(actor=request.actor, contact_id=contact_id)


@router.post("/contacts/{contact_id}/restore", permission="contact.archive", response=ContactOut)
def contacts_restore(request: ApiRequest, contact_id: int) -> Contact:
    """Restore an archived contact."""
    return services.restore_contact(actor=request.actor, contact_id=contact_id)


@router.post("/contacts/{contact_id}/customers", permission="contact.update", response=ContactOut)
def contacts_link(request: ApiRequest, contact_id: int, body: LinkIn) -> Contact:
    """Say what a contact is at a customer."""
    services.link_contact(actor=request.actor, contact_id=contact_id, **body.dict())
    return selectors.access_contact(request.actor, contact_id)


@router.delete("/contacts/{contact_id}/customers/{customer_id}", permission="contact.update", response={204: None})
def contacts_unlink(request: ApiRequest, contact_id: int, customer_id: int) -> tuple[int, None]:
    """End what a contact is at a customer."""
    services.unlink_contact(actor=request.actor, contact_id=contact_id, customer_id=customer_id)
    return 204, None


@router.get("/contacts/{contact_id}/identities", permission="contact.read", response=list[IdentityOut])
def contacts_identities(request: ApiRequest, contact_id: int) -> Any:
    """List what channels know a contact by."""
    selectors.access_contact(request.actor, contact_id)
    return [_as_seen(request.actor, identity) for identity in selectors.identities_of_contact(contact_id)]


def _as_seen(actor: Actor, identity: Identity) -> Identity:
    field = {"phone": "phone", "email": "email", "wechat_id": "wechat"}.get(identity.kind, "")
    identity.value = present(actor, "contact", {field: identity.value})[field] or ""
    return identity
