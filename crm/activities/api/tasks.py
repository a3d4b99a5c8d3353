"""The API of tasks."""

from django.http import HttpResponse
from ninja import Query

from crm.activities import selectors, services
from crm.activities.models import Task
from crm.activities.schemas import TaskFilters, TaskIn, TaskOut, TaskPatch
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter, if_match, set_etag

router = AppRouter(tag="tasks")


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
