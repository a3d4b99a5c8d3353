"""The API of bulk edits."""

from typing import Any

from crm.records.edits import services
from crm.records.edits.schemas import BulkEditIn, EditableKind
from guanxi.access import SIGNED_IN
from guanxi.http.router import ApiRequest, AppRouter
from guanxi.jobs.schemas import JobOut

router = AppRouter(tag="records")


@router.post("/bulk-edits/{kind}", permission=SIGNED_IN, response={202: JobOut})
def bulk_edits_create(request: ApiRequest, kind: EditableKind, body: BulkEditIn) -> tuple[int, Any]:
    """Edit many records in a job; needs `<kind>.bulk`, and for each record what a single edit needs."""
    edit = services.Edit(body.action, body.values, tuple(body.tags), body.owner_id)
    job = services.start_bulk_edit(
        actor=request.actor, kind=kind, edit=edit, ids=body.ids, filters=services.clean_filters(body.filters)
    )
    return 202, job


@router.post("/bulk-edits/{job_id}/undo", permission=SIGNED_IN, response={202: JobOut})
def bulk_edits_undo(request: ApiRequest, job_id: int) -> tuple[int, Any]:
    """Take a bulk edit of one's own back, within ten minutes; records that have changed since stay as they are."""
    return 202, services.undo_bulk_edit(actor=request.actor, job_id=job_id)
