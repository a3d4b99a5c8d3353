"""The API of handovers. It is the page's alone: somebody looks at a preview before anything moves."""

from collections.abc import Iterable
from typing import Any

from ninja import Query

from crm.handover import selectors, services
from crm.handover.models import Handover, HandoverItem
from crm.handover.schemas import (
    DossierOut,
    HandoverIn,
    HandoverOut,
    HandoverPreviewOut,
    ItemFilters,
    ItemOut,
    OrphansOut,
)
from crm.handover.types import Target, What
from crm.pools.selectors import visible_titles
from guanxi.access import Actor
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter
from tenants.members.selectors import member_names

router = AppRouter(tag="handovers")
PRIVATE = "somebody looks at a preview before anything moves"
COLUMNS = ("id", "state", "note", "counts", "places", "preview", "created_at", "finished_at", "undone_at")


def _brief(names: dict[int, str], member_id: int | None) -> dict[str, Any] | None:
    return {"id": member_id, "name": names[member_id]} if member_id is not None and member_id in names else None


def _shown(handovers: Iterable[Handover]) -> list[dict[str, Any]]:
    rows = list(handovers)
    names = member_names({pk for row in rows for pk in (row.from_owner_id, row.made_by_id, *row.receiver_ids)})
    return [
        {
            **{name: getattr(row, name) for name in COLUMNS},
            "from_member": _brief(names, row.from_owner_id),
            "made_by": _brief(names, row.made_by_id),
            "receivers": [brief for pk in row.receiver_ids if (brief := _brief(names, pk)) is not None],
            "kinds": row.what.get("kinds", []),
            "chosen": bool(row.what.get("ids")),
            "job_id": row.undo_job_id or row.job_id,
            "may_undo": selectors.may_undo(row),
        }
        for row in rows
    ]


def _asked(actor: Actor, body: HandoverIn) -> tuple[What, Target]:
    ids = services.chosen_ids(
        actor=actor,
        owner_id=body.from_member_id,
        chosen=[(one.kind, one.record_ids, one.filter) for one in body.chosen],
    )
    return body.what(ids), body.target()


@router.post("/handovers/preview", permission="handover.manage", response=HandoverPreviewOut, private=PRIVATE)
def handovers_preview(request: ApiRequest, body: HandoverIn) -> dict[str, Any]:
    """Say what a handover would move, what stays and why."""
    what, target = _asked(request.actor, body)
    services.check_named(actor=request.actor, from_member_id=body.from_member_id, target=target)
    return services.preview_handover(actor=request.actor, from_member_id=body.from_member_id, what=what)


@router.post("/handovers", permission="handover.manage", response={201: HandoverOut}, private=PRIVATE)
def handovers_create(request: ApiRequest, body: HandoverIn) -> tuple[int, dict[str, Any]]:
    """Begin a handover; a worker does it."""
    what, target = _asked(request.actor, body)
    handover = services.start_handover(
        actor=request.actor, from_member_id=body.from_member_id, what=what, target=target, note=body.note
    )
    return 201, _shown([handover])[0]


@router.get("/handovers", permission="handover.read", response=Page[HandoverOut], private=PRIVATE)
def handovers_list(request: ApiRequest, page: Query[PageParams]) -> PageResult:
    """List the handovers that one may know of, the newest first."""
    found = paginate(selectors.visible_handovers(request.actor), page, order=("-id",))
    return {"items": _shown(found["items"]), "next": found["next"]}


@router.get("/handovers/orphans", permission="handover.manage", response=OrphansOut, private=PRIVATE)
def handovers_orphans(request: ApiRequest) -> dict[str, Any]:
    """Say what nobody looks after."""
    return selectors.orphans(request.actor)


@router.get("/handovers/{int:handover_id}", permission="handover.read", response=HandoverOut, private=PRIVATE)
def handovers_get(request: ApiRequest, handover_id: int) -> dict[str, Any]:
    """Return a handover."""
    return _shown([selectors.access_handover(request.actor, handover_id)])[0]


@router.get("/handovers/{int:handover_id}/items", permission="handover.read", response=Page[ItemOut], private=PRIVATE)
def handovers_items(
    request: ApiRequest, handover_id: int, filters: Query[ItemFilters], page: Query[PageParams]
) -> PageResult:
    """List a handover's records: all for whoever hands over, one's own for a receiver."""
    rows = selectors.items_of(request.actor, handover_id, kind=filters.kind or "", state=filters.state or "")
    found = paginate(rows, page, order=("id",))
    return {"items": _items(request.actor, found["items"]), "next": found["next"]}


def _items(actor: Actor, rows: list[HandoverItem]) -> list[dict[str, Any]]:
    names = member_names({row.to_owner_id for row in rows})
    titles = visible_titles(actor, [(row.kind, row.record_id) for row in rows if row.kind != "activity"])
    columns = ("id", "kind", "record_id", "state", "reason", "changed_hands_at")
    return [
        {
            **{name: getattr(row, name) for name in columns},
            "title": titles.get((row.kind, row.record_id), ""),
            "to_member": _brief(names, row.to_owner_id),
        }
        for row in rows
    ]


@router.post("/handovers/{int:handover_id}/undo", permission="handover.manage", response=HandoverOut, private=PRIVATE)
def handovers_undo(request: ApiRequest, handover_id: int) -> dict[str, Any]:
    """Bring everything back that the receivers still have, once within seven days."""
    return _shown([services.start_undo(actor=request.actor, handover_id=handover_id)])[0]


@router.get(
    "/handovers/{int:handover_id}/dossiers/{int:customer_id}",
    permission="handover.read",
    response=DossierOut,
    private=PRIVATE,
)
def handovers_dossier(request: ApiRequest, handover_id: int, customer_id: int) -> dict[str, Any]:
    """Return what the new owner of a handed over customer should have read."""
    return selectors.dossier(request.actor, handover_id, customer_id)
