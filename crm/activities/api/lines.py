"""The API of timelines, plans and visits."""

from typing import Any

from ninja import Query

from crm.activities import selectors, services
from crm.activities.models import Activity
from crm.activities.schemas import (
    ActivityIn,
    ActivityOut,
    ActivityPatch,
    CheckInIn,
    PlanIn,
    ResultIn,
    TimelineLineOut,
)
from crm.activities.types import Position
from crm.records.schemas import RecordKindName
from guanxi.access import SIGNED_IN
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter, if_match

router = AppRouter(tag="activities")


@router.get("/timeline/{kind}/{record_id}", permission=SIGNED_IN, response=Page[TimelineLineOut])
def timeline_list(
    request: ApiRequest, kind: RecordKindName, record_id: int, page: Query[PageParams], kinds: str = ""
) -> PageResult:
    """List everything that happened with a record, newest first; `kinds` narrows, such as `note,call`."""
    wanted = [name for name in kinds.split(",") if name]
    return paginate(selectors.timeline(request.actor, kind, record_id, kinds=wanted), page, order=("-at", "-id"))


@router.post("/activities", permission="activity.create", response={201: ActivityOut})
def activities_create(request: ApiRequest, body: ActivityIn) -> tuple[int, Activity]:
    """Write a note, call, visit, meeting, e-mail or letter on a record."""
    values = body.dict(exclude={"record_kind", "record_id"})
    made = services.log_activity(actor=request.actor, record=(body.record_kind, body.record_id), **values)
    return 201, selectors.access_activity(request.actor, made.pk)


@router.patch("/activities/{activity_id}", permission="activity.update", response=ActivityOut)
def activities_update(request: ApiRequest, activity_id: int, body: ActivityPatch) -> Activity:
    """Change what one wrote oneself."""
    changes = body.dict(exclude_unset=True)
    services.update_activity(actor=request.actor, activity_id=activity_id, changes=changes, version=if_match(request))
    return selectors.access_activity(request.actor, activity_id)


@router.delete("/activities/{activity_id}", permission="activity.update", response={204: None})
def activities_delete(request: ApiRequest, activity_id: int) -> tuple[int, None]:
    """Take back what one wrote oneself."""
    services.delete_activity(actor=request.actor, activity_id=activity_id)
    return 204, None


@router.post("/activities/{activity_id}/restore", permission="activity.update", response=ActivityOut)
def activities_restore(request: ApiRequest, activity_id: int) -> Activity:
    """Undo a deletion."""
    services.restore_activity(actor=request.actor, activity_id=activity_id)
    return selectors.access_activity(request.actor, activity_id)


@router.get("/activities/{activity_id}", permission=SIGNED_IN, response=ActivityOut)
def activities_get(request: ApiRequest, activity_id: int) -> Any:
    """Return an activity."""
    return selectors.access_activity(request.actor, activity_id)


@router.post("/plans", permission="activity.create", response={201: ActivityOut})
def plans_create(request: ApiRequest, body: PlanIn) -> tuple[int, Activity]:
    """Plan a call, visit or meeting in one's own calendar."""
    record = (body.record_kind, body.record_id) if body.record_kind and body.record_id else None
    values = body.dict(exclude={"record_kind", "record_id"})
    return 201, services.plan_activity(actor=request.actor, record=record, **values)


@router.post("/activities/{activity_id}/result", permission="activity.update", response=ActivityOut)
def activities_result(request: ApiRequest, activity_id: int, body: ResultIn) -> Activity:
    """Turn one's own plan into its result."""
    return services.complete_plan(
        actor=request.actor, activity_id=activity_id, version=if_match(request), **body.dict()
    )


@router.post("/activities/{activity_id}/cancel", permission="activity.update", response=ActivityOut)
def activities_cancel(request: ApiRequest, activity_id: int) -> Activity:
    """Call one's own plan off."""
    return services.cancel_plan(actor=request.actor, activity_id=activity_id, version=if_match(request))


@router.post("/activities/{activity_id}/check-in", permission="activity.update", response=ActivityOut)
def activities_check_in(request: ApiRequest, activity_id: int, body: CheckInIn) -> Activity:
    """Say that one is there now, on one's own visit."""
    services.check_in(actor=request.actor, activity_id=activity_id, position=Position(**body.dict()))
    return selectors.access_activity(request.actor, activity_id)
