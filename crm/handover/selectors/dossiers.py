"""The dossier of a customer: what its new owner should have read before the first call."""

from typing import Any

from crm.activities.selectors import tasks_below, timeline, visible_tasks
from crm.customers.selectors import access_customer, visible_contacts
from crm.deals.selectors import visible_deals
from crm.handover.selectors.handovers import items_of
from crm.records.modes import present
from crm.records.registry import record_kind
from guanxi.access import Actor
from guanxi.common.errors import NotFound
from tenants.members.selectors import member_names

CUSTOMER = (
    "name", "kind", "level", "industry", "province", "city", "address", "website", "phone", "email", "description",
)  # fmt: skip
LATEST, MOST = 10, 50


def dossier(actor: Actor, handover_id: int, customer_id: int) -> dict[str, Any]:
    """Return a handed over customer, each part as the actor may see it; raise NotFound for one of no concern."""
    item = items_of(actor, handover_id, kind="customer").filter(record_id=customer_id).first()
    if item is None:
        raise NotFound("customer", customer_id)
    customer = access_customer(actor, customer_id)
    names = member_names([item.from_owner_id, item.to_owner_id])
    shown = present(actor, "customer", {name: getattr(customer, name) for name in (*CUSTOMER, "tags")})
    lines = timeline(actor, "customer", customer_id, kinds=["call", "visit", "meeting", "email", "letter", "message"])
    notes = timeline(actor, "customer", customer_id, kinds=["note"])
    return {
        "customer": {"id": customer.pk, **shown},
        "from_name": names.get(item.from_owner_id or 0, ""),
        "to_name": names.get(item.to_owner_id or 0, ""),
        "contacts": _contacts(actor, customer_id),
        "deals": _deals(actor, customer_id),
        "tasks": _tasks(actor, customer_id),
        "activities": [_line(link.activity) for link in lines.order_by("-at", "-id")[:LATEST]],
        "notes": [_line(link.activity) for link in notes.order_by("-at", "-id")[:LATEST]],
    }


def _contacts(actor: Actor, customer_id: int) -> list[dict[str, Any]]:
    rows = visible_contacts(actor).filter(customer_links__customer_id=customer_id, archived_at__isnull=True).distinct()
    found = []
    for contact in rows.prefetch_related("customer_links").order_by("pk")[:MOST]:
        link = next((one for one in contact.customer_links.all() if one.customer_id == customer_id), None)
        values = {name: getattr(contact, name) for name in ("name", "title", "phone", "email", "wechat")}
        role = {"role": link.role, "is_primary": link.is_primary} if link else {"role": "other", "is_primary": False}
        found.append({"id": contact.pk, **present(actor, "contact", values), **role})
    return sorted(found, key=lambda one: not one["is_primary"])


def _deals(actor: Actor, customer_id: int) -> list[dict[str, Any]]:
    rows = visible_deals(actor).filter(customer_id=customer_id, stage__kind="open", archived_at__isnull=True)
    found = []
    for deal in rows.select_related("stage", "pipeline").order_by("-amount", "pk")[:MOST]:
        values = {
            "name": deal.name,
            "amount": str(deal.amount),
            "currency": deal.currency,
            "expected_close_on": deal.expected_close_on.isoformat() if deal.expected_close_on else None,
            "description": deal.description,
        }
        stage = {"stage": deal.stage.name, "stage_entered_at": deal.stage_entered_at}
        found.append({"id": deal.pk, **present(actor, "deal", values), **stage})
    return found


def _tasks(actor: Actor, customer_id: int) -> list[dict[str, Any]]:
    this = record_kind("customer").model._default_manager.filter(pk=customer_id).values("pk")
    rows = visible_tasks(actor).filter(tasks_below(this), state="open", archived_at__isnull=True)
    return [
        {"id": task.pk, "title": task.title, "due_at": task.due_at} for task in rows.order_by("due_at", "pk")[:MOST]
    ]


def _line(activity: Any) -> dict[str, Any]:
    return {
        "id": activity.pk,
        "kind": activity.kind,
        "subject": activity.subject,
        "body": activity.body,
        "at": activity.at,
        "member_name": activity.member.name if activity.member else "",
        "next_step": activity.next_step,
    }
