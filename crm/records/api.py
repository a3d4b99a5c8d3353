"""The API of what all records share: views, history, search."""

from typing import Any

from ninja import Query

from crm.records import selectors, services
from crm.records.edits.api import router as edits_router
from crm.records.forms.api import router as forms_router
from crm.records.models import SavedView
from crm.records.schemas import RecordKindName, SavedViewIn, SavedViewOut, SavedViewPatch, SearchHitOut, StateChangeOut
from crm.records.sharing.api import router as sharing
from guanxi.access import SIGNED_IN
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter

__all__ = ["edits_router", "forms_router", "router", "sharing"]

router = AppRouter(tag="records")
PERSONAL = "a view belongs to a member's page"


@router.get("/views", permission=SIGNED_IN, response=list[SavedViewOut], private=PERSONAL)
def views_list(request: ApiRequest, kind: RecordKindName) -> Any:
    """List one's own and the shared views of a kind."""
    return selectors.visible_views(request.actor, kind)


@router.post("/views", permission=SIGNED_IN, response={201: SavedViewOut}, private=PERSONAL)
def views_create(request: ApiRequest, body: SavedViewIn) -> tuple[int, SavedView]:
    """Keep a view."""
    return 201, services.create_saved_view(actor=request.actor, **body.dict())


@router.patch("/views/{view_id}", permission=SIGNED_IN, response=SavedViewOut, private=PERSONAL)
def views_update(request: ApiRequest, view_id: int, body: SavedViewPatch) -> SavedView:
    """Change one's own view."""
    return services.update_saved_view(actor=request.actor, view_id=view_id, changes=body.dict(exclude_unset=True))


@router.delete("/views/{view_id}", permission=SIGNED_IN, response={204: None}, private=PERSONAL)
def views_delete(request: ApiRequest, view_id: int) -> tuple[int, None]:
    """Remove one's own view."""
    services.delete_saved_view(actor=request.actor, view_id=view_id)
    return 204, None


@router.get("/records/{kind}/{record_id}/history", permission=SIGNED_IN, response=Page[StateChangeOut])
def records_history(request: ApiRequest, kind: RecordKindName, record_id: int, page: Query[PageParams]) -> PageResult:
    """List the steps of a record through its states, newest first."""
    rows: Any = selectors.state_history(request.actor, kind, record_id)
    return paginate(rows, page, order=("-at", "-id"))


@router.get("/search", permission=SIGNED_IN, response=list[SearchHitOut])
def search_list(request: ApiRequest, q: str, kinds: str = "") -> list[selectors.SearchHit]:
    """Search every kind of record by part of a name, pinyin initials or a phone's tail."""
    return selectors.search_everything(
        request.actor, q[:100], kinds=[kind for kind in kinds.split(",") if kind] or None
    )
