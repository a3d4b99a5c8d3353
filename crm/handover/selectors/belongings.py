"""What a member has, kind by kind: what a handover moves, and what it leaves with a reason."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from crm.activities.selectors.plans import plans_of_member
from crm.handover.types import CAP, RECORDS, Number, What
from crm.pools.selectors.lying import lying_ids
from crm.records.registry import record_kind

CLOSED = {"lead": Q(state__in=["converted", "invalid"]), "deal": ~Q(stage__kind="open")}
WITH_SOMEBODY = ["open", "snoozed"]


def belongings(kind: str, owner_id: int | None, what: What) -> QuerySet[Any]:
    """Return what would move of a kind: of a member, or of nobody when `owner_id` is None."""
    rows = _all(kind, owner_id)
    if kind in CLOSED and not what.closed:
        rows = rows.exclude(CLOSED[kind])
    return _chosen(rows, kind, what)


def _all(kind: str, owner_id: int | None) -> QuerySet[Any]:
    if kind == "activity":
        # A plan stands in somebody's calendar; there is none that is nobody's.
        return plans_of_member(owner_id or 0)
    rows = record_kind(kind).model._default_manager.all()
    if kind == "conversation":
        mine = Q(assignee_id=owner_id, state__in=WITH_SOMEBODY) | Q(owner_id=owner_id)
        return rows.filter(mine if owner_id is not None else Q(assignee__isnull=True, state="queued"))
    rows = rows.filter(owner_id=owner_id) if owner_id is not None else rows.filter(owner__isnull=True)
    rows = rows.filter(archived_at__isnull=True)
    if kind == "task":
        return rows.filter(state="open")
    if owner_id is None and kind in ("lead", "customer"):
        return rows.exclude(pk__in=lying_ids(kind))
    return rows


def _chosen(rows: QuerySet[Any], kind: str, what: What) -> QuerySet[Any]:
    """Narrow to chosen records, or to what hangs below chosen customers."""
    if not what.ids:
        return rows
    if kind in what.ids:
        return rows.filter(pk__in=what.ids[kind])
    customers = list(what.ids.get("customer", ()))
    if kind in ("activity", "task", "conversation"):
        named = {name: list(ids) for name, ids in what.ids.items() if name in RECORDS}
        if kind == "conversation":
            return rows.filter(Q(customer_id__in=customers) | Q(lead_id__in=named.get("lead", [])))
        about = Q(pk__in=[])
        for name, ids in named.items():
            about |= Q(record_kind=name, record_id__in=ids)
        return rows.filter(about)
    below = record_kind(kind).below
    if below is None or not customers:
        return rows.none()
    return rows.filter(below(record_kind("customer").model._default_manager.filter(pk__in=customers).values("pk")))


def left_behind(kind: str, owner_id: int | None, what: What) -> dict[str, Number]:
    """Return what of a kind will not move, by the reason."""
    if kind not in RECORDS or owner_id is None:
        return {}
    everything = record_kind(kind).model._default_manager.filter(owner_id=owner_id)
    reasons = {"archived": capped(_chosen(everything.filter(archived_at__isnull=False), kind, what))}
    if kind in CLOSED and not what.closed:
        reasons["closed"] = capped(_chosen(_all(kind, owner_id).filter(CLOSED[kind]), kind, what))
    return {reason: number for reason, number in reasons.items() if number.count}


def capped(rows: QuerySet[Any], cap: int = CAP) -> Number:
    """Count rows, and stop at the cap."""
    found = rows.order_by()[: cap + 1].values("pk").count()
    return Number(min(found, cap), exact=found <= cap)


def parents_of_rows(kind: str, rows: Iterable[Any]) -> dict[int, list[tuple[str, int]]]:
    """Return which records the rows hang below, the nearest first: they follow them."""
    found: dict[int, list[tuple[str, int]]] = {}
    if kind == "contact":
        links = record_kind("contact").model.customers.through._default_manager  # type: ignore[attr-defined]
        rows = list(rows)
        pairs = links.filter(contact_id__in=[row.pk for row in rows]).order_by("-is_primary", "pk")
        for contact_id, customer_id in pairs.values_list("contact_id", "customer_id"):
            found.setdefault(contact_id, []).append(("customer", customer_id))
        return found
    for row in rows:
        if kind in ("task", "activity"):
            named = [(row.record_kind, row.record_id)] if row.record_id is not None else []
        else:
            named = [
                (name, pk)
                for name in ("customer", "lead")
                if (pk := getattr(row, f"{name}_id", None)) is not None and kind in ("deal", "conversation")
            ]
        found[row.pk] = named
    return found
