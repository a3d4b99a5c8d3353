"""The API of timelines and tasks."""

from django.http import HttpResponse
from ninja import Query

from crm.activities import selectors, services
from crm.activities.models import Activity, Task
from crm.activities.schemas import (
    ActivityIn,
    ActivityOut,
    ActivityPatch,
    TaskFilters,
    TaskIn,
    TaskOut,
    TaskPatch,
    TimelineLineOut,
)
from crm.records.schemas import RecordKindName
from guanxi.access import SIGNED_IN
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter, if_match, set_etag

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
    """Write a note, call, visit, meeting or e-mail on a record."""
    values = body.dict(exclude={"record_kind", "record_id"})
    return 201, services.log_activity(actor=request.actor, record=(body.record_kind, body.record_id), **values)


@router.patch("/activities/{activity_id}", permission="activity.update", response=ActivityOut)
def activities_update(request: ApiRequest, activity_id: int, body: ActivityPatch) -> Activity:
    """Change what one wrote oneself."""
    changes = body.dict(exclude_unset=True)
    return services.update_activity(
        actor=request.actor, activity_id=activity_id, changes=changes, version=if_match(request)
    )


@router.delete("/activities/{activity_id}", permission="activity.update", response={204: None})
def activities_delete(request: ApiRequest, activity_id: int) -> tuple[int, None]:
    """Take back what one wrote oneself."""
    services.delete_activity(actor=request.actor, activity_id=activity_id)
    return 204, None


@router.post("/activities/{activity_id}/restore", permission="activity.update", response=ActivityOut)
def activities_restore(request: ApiRequest, activity_id: int) -> Activity:
    """Undo a deletion."""
    return services.restore_activity(actor=request.actor, activity_id=activity_id)


@router.get("/tasks", permission="task.read", response=Page[TaskOut])
def tasks_list(request: ApiRequest, filters: Query[TaskFilters], page: Query[PageParams]) -> PageResult:
    """List tasks, the next due first."""
    result = paginate(selectors.find_tasks(request.actor, filters.dict()), page, order=("due_at", "id"))
    selectors.name_records(request.actor, result["items"])
    return result


@router.post("/tasks", permission="task.create", response={201: TaskOut})
def tasks_create(request: ApiRequest, body: TaskIn) -> tuple[int, Task]:
    """Create a task."""
    record = (body.record_kind, body.record_id) if body.record_kind and body.record_id else None
    values = body.dict(exclude={"owner_id", "record_kind", "record_id"})
    return 201, services.create_task(actor=request.actor, values=values, owner_id=body.owner_id, record=record)


@router.get("/tasks/{task_id}", permission="task.read", response=TaskOut)
def tasks_get(request: ApiRequest, response: HttpResponse, task_id: int) -> Task:
    """Return a task."""
    task = selectors.access_task(request.actor, task_id)
    selectors.name_records(request.actor, [task])
    return set_etag(response, task)


@router.patch("/tasks/{task_id}", permission="task.update", response=TaskOut)
def tasks_update(request: ApiRequest, response: HttpResponse, task_id: int, body: TaskPatch) -> Task:
    """Change a task."""
    changes = body.dict(exclude_unset=True, exclude={"owner_id"})
    task = services.update_task(
        actor=request.actor, task_id=task_id, changes=changes, owner_id=body.owner_id, version=if_match(request)
    )
    return set_etag(response, task)


@router.post("/tasks/{task_id}/done", permission="task.update", response=TaskOut)
def tasks_done(request: ApiRequest, task_id: int) -> Task:
    """Finish a task."""
    return services.set_task_state(actor=request.actor, task_id=task_id, state="done")


@router.post("/tasks/{task_id}/reopen", permission="task.update", response=TaskOut)
def tasks_reopen(request: ApiRequest, task_id: int) -> Task:
    """Reopen a task."""
    return services.set_task_state(actor=request.actor, task_id=task_id, state="open")


@router.post("/tasks/{task_id}/cancel", permission="task.update", response=TaskOut)
def tasks_cancel(request: ApiRequest, task_id: int) -> Task:
    """Cancel a task."""
    return services.set_task_state(actor=request.actor, task_id=task_id, state="cancelled")
