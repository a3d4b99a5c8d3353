"""The API of deals."""

from typing import Any

from django.http import HttpResponse
from ninja import Query

from crm.customers.schemas import AssignIn
from crm.deals import selectors, services
from crm.deals.models import Deal
from crm.deals.schemas import (
    BoardColumnOut,
    BoardFilters,
    DealCompetitorsIn,
    DealContactsIn,
    DealFilters,
    DealIn,
    DealLinesIn,
    DealMove,
    DealOut,
    DealPartsOut,
    DealPatch,
    StageStayOut,
)
from crm.records.lists import Count, count_of, list_page
from crm.records.schemas import CountOut
from guanxi.http.pages import Page, PageParams, PageResult
from guanxi.http.router import ApiRequest, AppRouter, if_match, set_etag

router = AppRouter(tag="deals")


@router.get("/deals", permission="deal.read", response=Page[DealOut])
def deals_list(request: ApiRequest, filters: Query[DealFilters], page: Query[PageParams]) -> PageResult:
    """List deals, last changed first."""
    return list_page(request.actor, "deal", filters.dict(), page)


@router.get("/deals/count", permission="deal.read", response=CountOut)
def deals_count(request: ApiRequest, filters: Query[DealFilters]) -> Count:
    """Count deals that fit, up to ten thousand."""
    return count_of(request.actor, "deal", filters.dict())


@router.get("/deals/board", permission="deal.read", response=list[BoardColumnOut])
def deals_board(request: ApiRequest, filters: Query[BoardFilters]) -> Any:
    """Return the board of a pipeline: a column a stage, with totals; further deals of a column come from the list by
    its cursor.
    """
    return selectors.board(request.actor, filters.pipeline_id, filters.dict(exclude={"pipeline_id"}))


@router.post("/deals", permission="deal.create", response={201: DealOut})
def deals_create(request: ApiRequest, body: DealIn) -> tuple[int, Deal]:
    """Create a deal."""
    values = body.dict(exclude={"pipeline_id", "stage_id", "owner_id"})
    deal = services.create_deal(
        actor=request.actor, values=values, pipeline_id=body.pipeline_id, stage_id=body.stage_id, owner_id=body.owner_id
    )
    return 201, deal


@router.get("/deals/{deal_id}", permission="deal.read", response=DealOut)
def deals_get(request: ApiRequest, response: HttpResponse, deal_id: int) -> Deal:
    """Return a deal."""
    return set_etag(response, selectors.access_deal(request.actor, deal_id))


@router.patch("/deals/{deal_id}", permission="deal.update", response=DealOut)
def deals_update(request: ApiRequest, response: HttpResponse, deal_id: int, body: DealPatch) -> Deal:
    """Change a deal."""
    changes = body.dict(exclude_unset=True)
    return set_etag(
        response, services.update_deal(actor=request.actor, deal_id=deal_id, changes=changes, version=if_match(request))
    )


@router.post("/deals/{deal_id}/move", permission="deal.update", response=DealOut)
def deals_move(request: ApiRequest, deal_id: int, body: DealMove) -> Deal:
    """Move a deal to another stage."""
    fields = body.fields.dict(exclude_unset=True) if body.fields else None
    return services.move_deal(
        actor=request.actor,
        deal_id=deal_id,
        stage_id=body.stage_id,
        fields=fields,
        lost_reason=body.lost_reason,
        loss_reason_id=body.loss_reason_id,
        note=body.note,
        version=if_match(request),
    )


@router.get("/deals/{deal_id}/stages", permission="deal.read", response=list[StageStayOut])
def deals_stages(request: ApiRequest, deal_id: int) -> Any:
    """List the stages that a deal went through, with how long it was in each."""
    return selectors.stays(request.actor, deal_id)


@router.get("/deals/{deal_id}/parts", permission="deal.read", response=DealPartsOut)
def deals_parts(request: ApiRequest, deal_id: int) -> Any:
    """Return what hangs on a deal: contacts with their parts, competitors, lines."""
    return selectors.parts_of(request.actor, deal_id)


@router.put("/deals/{deal_id}/contacts", permission="deal.update", response=DealPartsOut)
def deals_set_contacts(request: ApiRequest, deal_id: int, body: DealContactsIn) -> Any:
    """Say which contacts play which part in a deal."""
    contacts = [row.dict() for row in body.contacts]
    services.set_contacts(actor=request.actor, deal_id=deal_id, contacts=contacts, version=if_match(request))
    return selectors.parts_of(request.actor, deal_id)


@router.put("/deals/{deal_id}/competitors", permission="deal.update", response=DealPartsOut)
def deals_set_competitors(request: ApiRequest, deal_id: int, body: DealCompetitorsIn) -> Any:
    """Say which competitors are after a deal."""
    rivals = [row.dict() for row in body.competitors]
    services.set_competitors(actor=request.actor, deal_id=deal_id, competitors=rivals, version=if_match(request))
    return selectors.parts_of(request.actor, deal_id)


@router.put("/deals/{deal_id}/lines", permission="deal.update", response=DealPartsOut)
def deals_set_lines(request: ApiRequest, deal_id: int, body: DealLinesIn) -> Any:
    """Write the lines of a deal; their sum may be its amount."""
    services.set_lines(
        actor=request.actor,
        deal_id=deal_id,
        lines=[row.dict() for row in body.lines],
        drive_amount=body.drive_amount,
        version=if_match(request),
    )
    return selectors.parts_of(request.actor, deal_id)


@router.post("/deals/{deal_id}/assign", permission="deal.assign", response=DealOut)
def deals_assign(request: ApiRequest, deal_id: int, body: AssignIn) -> Deal:
    """Give a deal to another member."""
    return services.assign_deal(actor=request.actor, deal_id=deal_id, owner_id=body.owner_id)


@router.post("/deals/{deal_id}/archive", permission="deal.archive", response=DealOut)
def deals_archive(request: ApiRequest, deal_id: int) -> Deal:
    """Archive a deal."""
    return services.archive_deal(actor=request.actor, deal_id=deal_id)


@router.post("/deals/{deal_id}/restore", permission="deal.archive", response=DealOut)
def deals_restore(request: ApiRequest, deal_id: int) -> Deal:
    """Restore an archived deal."""
    return services.restore_deal(actor=request.actor, deal_id=deal_id)
