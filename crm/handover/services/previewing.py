"""Says before a handover what it would move, what stays and why, and what else names the member."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Sum

from crm.handover.selectors.belongings import belongings, capped, left_behind
from crm.handover.selectors.places import places_of
from crm.handover.services.common import require_reach
from crm.handover.types import Target, What
from guanxi.access import Actor, FieldMode
from guanxi.common import clock

LARGEST = 5


def preview_handover(
    *, actor: Actor, from_member_id: int | None, what: What, target: Target | None = None
) -> dict[str, Any]:
    """Return counts by kind, open deals with their amounts, tasks that are due, conversations, what stays and why."""
    require_reach(actor, from_member_id)
    counts, stays = {}, {}
    for kind in what.kinds:
        number = capped(belongings(kind, from_member_id, what))
        counts[kind] = {"count": number.count, "exact": number.exact}
        left = left_behind(kind, from_member_id, what)
        stays[kind] = {reason: {"count": found.count, "exact": found.exact} for reason, found in left.items()}
    places = places_of(from_member_id) if from_member_id is not None and what.places else []
    return {
        "counts": counts,
        "stays": {kind: reasons for kind, reasons in stays.items() if reasons},
        "deals": _deals(actor, from_member_id, what) if "deal" in what.kinds else None,
        "tasks": _tasks(from_member_id, what) if "task" in what.kinds else None,
        "conversations_open": _open_talks(from_member_id, what) if "conversation" in what.kinds else 0,
        "places": [{"kind": place.kind, "id": place.id, "name": place.name} for place in places],
    }


def _deals(actor: Actor, owner_id: int | None, what: What) -> dict[str, Any]:
    rows = belongings("deal", owner_id, what).filter(stage__kind="open")
    if actor.field_mode("deal", "amount") in (FieldMode.HIDDEN, FieldMode.MASKED):
        return {"count": capped(rows).count, "amounts": None, "largest": []}
    sums = rows.order_by().values("currency").annotate(total=Sum("amount"), number=Count("pk")).order_by("currency")
    largest = rows.select_related("stage").order_by("-amount", "pk")[:LARGEST]
    return {
        "count": sum(row["number"] for row in sums),
        "amounts": [{"currency": row["currency"], "total": str(row["total"])} for row in sums],
        "largest": [
            {
                "id": deal.pk,
                "name": deal.name,
                "stage": deal.stage.name,
                "amount": str(deal.amount),
                "currency": deal.currency,
            }
            for deal in largest
        ],
    }


def _tasks(owner_id: int | None, what: What) -> dict[str, int]:
    rows, now = belongings("task", owner_id, what), clock.now()
    return {
        "overdue": capped(rows.filter(due_at__lt=now)).count,
        "week": capped(rows.filter(due_at__gte=now, due_at__lt=now + timedelta(days=7))).count,
    }


def _open_talks(owner_id: int | None, what: What) -> int:
    rows = belongings("conversation", owner_id, what)
    return capped(rows.filter(state__in=["open", "snoozed", "queued"])).count
