"""The audit trail for administrators, and the history of one record for those who may see it."""

from typing import Any

from ninja import Query

from guanxi.access import SIGNED_IN, Actor
from guanxi.audit.models import AuditEntry
from guanxi.audit.schemas import AuditEntryOut, AuditFilters
from guanxi.audit.selectors import access_history, find_entries, shown_changes
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter

router = AppRouter(tag="audit")
ORDER = ("-id",)
FIELDS = (
    "id",
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "reason",
    "action",
    "kind",
    "record_id",
    "request_id",
    "ip",
)


def _shown(actor: Actor, page: PageResult) -> PageResult:
    return {"items": [_row(actor, entry) for entry in page["items"]], "next": page["next"]}


def _row(actor: Actor, entry: AuditEntry) -> dict[str, Any]:
    return {**{name: getattr(entry, name) for name in FIELDS}, "changes": shown_changes(actor, entry)}


@router.get("/audit", permission="audit.read", response=Page[AuditEntryOut])
def audit_list(request: ApiRequest, filters: Query[AuditFilters], page: Query[PageParams]) -> PageResult:
    """List the workspace's trail, newest first."""
    return _shown(request.actor, paginate(find_entries(**filters.dict()), page, order=ORDER))


@router.get("/audit/{kind}/{record_id}", permission=SIGNED_IN, response=Page[AuditEntryOut])
def audit_record_history(request: ApiRequest, kind: str, record_id: int, page: Query[PageParams]) -> PageResult:
    """List what happened to one record, newest first."""
    return _shown(request.actor, paginate(access_history(request.actor, kind, record_id), page, order=ORDER))
