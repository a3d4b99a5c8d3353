"""Reads leads and assignment rules."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet

from crm.activities.selectors import without_next_step
from crm.customers.types import normalise_phone
from crm.leads.models import AssignmentRule, Lead
from crm.records.modes import finding_q, require_filterable
from crm.records.visibility import reach_q
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import NotFound

OPEN_STATES = ["new", "assigned", "contacting", "qualified"]


def visible_leads(actor: Actor) -> QuerySet[Lead]:
    """Return the leads that the actor may read."""
    return Lead.objects.filter(reach_q(actor, "lead")).select_related("owner")


def access_lead(actor: Actor, lead_id: int, permission: str = "lead.read", *, lock: bool = False) -> Lead:
    """Return a lead that the permission reaches; raise NotFound otherwise."""
    rows = visible_leads(actor).filter(reach_q(actor, *permission.split(".")), pk=lead_id)
    lead = (rows.select_related(None).select_for_update(of=("self",)) if lock else rows).first()
    if lead is None:
        raise NotFound("lead", lead_id)
    return lead


def find_leads(actor: Actor, filters: Mapping[str, Any]) -> QuerySet[Lead]:
    """Return the visible leads that fit: q, phone, state, owner_id, source, unassigned, archived."""
    require_filterable(actor, "lead", filters)
    rows = visible_leads(actor).filter(archived_at__isnull=not filters.get("archived"))
    if text := filters.get("q"):
        rows = rows.filter(finding_q(actor, "lead", text))
    if phone := filters.get("phone"):
        rows = rows.filter(phone=normalise_phone(phone))
    for name in ("owner_id", "source", "city"):
        if value := filters.get(name):
            rows = rows.filter(**{name: value})
    state = filters.get("state")
    if state == "open":
        rows = rows.filter(state__in=OPEN_STATES)
    elif state:
        rows = rows.filter(state=state)
    if filters.get("unassigned"):
        rows = rows.filter(owner__isnull=True)
    if filters.get("no_next_step"):
        rows = without_next_step(rows.filter(state__in=OPEN_STATES), "lead")
    return rows


def open_lead_of(*, identity_id: int | None, phone: str = "", phone_verified: bool = False) -> Lead | None:
    """Return the open lead of a person: by identity, or by a phone that the person's own channel has proven; locked."""
    rows = Lead.objects.select_for_update().filter(state__in=OPEN_STATES, archived_at__isnull=True)
    lead = rows.filter(identity_id=identity_id).first() if identity_id else None
    if lead is None and phone and (phone_verified or identity_id is None):
        lead = rows.filter(phone=phone).order_by("-created_at").first()
    return lead


def assignment_rules() -> QuerySet[AssignmentRule]:
    """Return the rules in their order."""
    return AssignmentRule.objects.order_by("position", "id")


def open_lead_counts(member_ids: list[int]) -> dict[int, int]:
    """Return how many open leads each of these members has."""
    rows = (
        Lead.objects.filter(owner_id__in=member_ids, state__in=OPEN_STATES)
        .values("owner_id")
        .annotate(number=Count("pk"))
    )
    return {**dict.fromkeys(member_ids, 0), **{row["owner_id"]: row["number"] for row in rows}}


def overdue_q() -> Q:
    """Return the filter for leads whose owner has not answered in time."""
    return Q(first_response_at__isnull=True, response_due_at__lt=clock.now(), state__in=["new", "assigned"])
