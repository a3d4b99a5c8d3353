"""Reads tasks."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from crm.activities.models import Task
from crm.records.modes import Presented
from crm.records.registry import PARENT, record_kinds
from crm.records.visibility import reach_q
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import NotFound


def visible_tasks(actor: Actor) -> QuerySet[Task]:
    """Return the tasks that the actor may read, and those that the actor gave to others."""
    condition = reach_q(actor, "task")
    if condition and "task.read" in actor.grants:
        condition |= Q(created_by_id__in=sorted(actor.self_ids))
    return Task.objects.filter(condition).select_related("owner")


def access_task(actor: Actor, task_id: int, permission: str = "task.read", *, lock: bool = False) -> Task:
    """Return a task that the permission reaches, or that the actor gave to somebody; raise NotFound otherwise."""
    reach = reach_q(actor, *permission.split("."))
    if reach and permission in actor.grants:
        reach |= Q(created_by_id__in=sorted(actor.self_ids))
    rows = visible_tasks(actor).filter(reach, pk=task_id)
    task = (rows.select_related(None).select_for_update(of=("self",)) if lock else rows).first()
    if task is None:
        raise NotFound("task", task_id)
    return task


def tasks_below(customers: QuerySet[Any]) -> Q:
    """Return the filter for tasks about these customers, or about what hangs below them."""
    condition = Q(record_kind=PARENT, record_id__in=customers)
    for name, kind in record_kinds().items():
        if kind.below is not None and name != "task":
            records = kind.model._default_manager.filter(kind.below(customers)).order_by().values("pk")
            condition |= Q(record_kind=name, record_id__in=records)
    return condition


def customers_of_task(task: Task) -> list[int]:
    """Return the customers that a task is about, by way of what it is about."""
    if task.record_kind == PARENT and task.record_id is not None:
        return [task.record_id]
    kind = record_kinds().get(task.record_kind)
    if kind is None or kind.customer_ids is None:
        return []
    record = kind.model._default_manager.filter(pk=task.record_id).first()
    return [] if record is None else list(kind.customer_ids(record))


def name_records(actor: Actor, tasks: Iterable[Task]) -> None:
    """Set `record_title` of each task to the name of the record that it is about, where the actor may see that record;
    one query a kind.
    """
    tasks = list(tasks)
    kinds = record_kinds()
    for name in {task.record_kind for task in tasks} & kinds.keys():
        kind = kinds[name]
        about = [task for task in tasks if task.record_kind == name]
        found = kind.visible(actor).filter(pk__in={task.record_id for task in about})
        titles = {record.pk: kind.title(Presented(actor, name, record)) for record in found}
        for task in about:
            task.record_title = titles.get(task.record_id, "")  # type: ignore[attr-defined]


def find_tasks(actor: Actor, filters: Mapping[str, Any]) -> QuerySet[Task]:
    """Return the visible tasks that fit: state, owner_id, record, due (overdue, today, week), q."""
    rows = visible_tasks(actor).filter(archived_at__isnull=True)
    for name in ("state", "owner_id", "record_kind", "record_id", "priority"):
        if value := filters.get(name):
            rows = rows.filter(**{name: value})
    if text := filters.get("q"):
        rows = rows.filter(title__icontains=text)
    now = clock.now()
    due = filters.get("due")
    if due == "overdue":
        rows = rows.filter(due_at__lt=now)
    elif due == "today":
        rows = rows.filter(due_at__lt=end_of_day(actor.timezone))
    elif due == "week":
        rows = rows.filter(due_at__lt=end_of_day(actor.timezone) + timedelta(days=6))
    return rows


def end_of_day(timezone: str) -> datetime:
    """Return the end of the present day in a time zone, aware."""
    local = clock.now().astimezone(ZoneInfo(timezone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
