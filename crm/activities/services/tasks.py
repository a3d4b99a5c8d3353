"""Writes tasks."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.activities import events
from crm.activities.models import Task
from crm.activities.selectors import access_task
from crm.activities.services.lines import log_system
from crm.records.registry import access_record
from crm.records.services import audience_of, change_record, stamp_new
from guanxi.access import Actor, require
from guanxi.common import clock
from guanxi.common.errors import Invalid
from guanxi.events.services import record_event
from guanxi.notifications.services import notify
from guanxi.timers.services import cancel_timer, set_timer
from tenants.members.selectors import require_active_member

REMINDER = "task.reminder"
TASK_FIELDS = ["title", "body", "kind", "priority", "due_at", "remind_at", "tags", "custom"]


def _clean_task(values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = {
        key: value for key, value in values.items() if key in TASK_FIELDS and (value is not None or key == "remind_at")
    }
    if "title" in cleaned and not cleaned["title"].strip():
        raise Invalid("title_missing", "A task needs a title.", fields={"title": "missing"})
    return cleaned


@transaction.atomic
def create_task(
    *, actor: Actor, values: Mapping[str, Any], owner_id: int | None = None, record: tuple[str, int] | None = None
) -> Task:
    """Create a task, for oneself or, with `task.assign`, for another member; about a record when one is named."""
    require(actor, "task.create")
    if owner_id is not None and owner_id != actor.member_id:
        require(actor, "task.assign")
        require_active_member(owner_id)
    task = Task(**_clean_task(values))
    if record is not None:
        access_record(actor, *record)
        task.record_kind, task.record_id = record
    stamp_new(actor, task, owner_id=owner_id)
    task.save()
    _set_reminder(task)
    _tell_task(actor, task, events.TASK_CREATED)
    if task.owner_id and task.owner_id != actor.member_id:
        _tell_owner(actor, task)
    return task


def _tell_owner(actor: Actor, task: Task) -> None:
    notify(
        member_ids=[task.owner_id] if task.owner_id else [],
        kind="task_assigned",
        params={"title": task.title, "by": actor.name},
        record=("task", task.pk),
    )


def _set_reminder(task: Task) -> None:
    moment = task.remind_at or task.due_at
    if task.state == Task.State.OPEN and moment > clock.now():
        set_timer(REMINDER, task.pk, moment)
    else:
        cancel_timer(REMINDER, task.pk)


def _tell_task(actor: Actor, task: Task, kind: str) -> None:
    record_event(
        kind,
        actor=actor,
        aggregate=("task", task.pk),
        data={"record": [task.record_kind, task.record_id] if task.record_id else None},
        audience=audience_of(task, "task.read"),
    )


@transaction.atomic
def update_task(
    *, actor: Actor, task_id: int, changes: Mapping[str, Any], owner_id: int | None = None, version: int | None = None
) -> Task:
    """Change a task, or give it to another member."""
    require(actor, "task.update")
    task = access_task(actor, task_id, "task.update", lock=True)
    cleaned = _clean_task(changes)
    given = owner_id is not None and owner_id != task.owner_id
    if owner_id is not None and given:
        require(actor, "task.assign")
        member = require_active_member(owner_id)
        path = member.department.path if member.department else ""
        cleaned |= {"owner_id": owner_id, "owner_department_path": path}
    if change_record(actor, task, "task", cleaned, version=version):
        _set_reminder(task)
        _tell_task(actor, task, events.TASK_UPDATED)
    if given and task.owner_id != actor.member_id:
        _tell_owner(actor, task)
    return task


@transaction.atomic
def set_task_state(*, actor: Actor, task_id: int, state: str) -> Task:
    """Finish, cancel or reopen a task; a finished task is a line on the record that it was about."""
    require(actor, "task.update")
    task = access_task(actor, task_id, "task.update", lock=True)
    if task.state == state:
        return task
    done_at = clock.now() if state == Task.State.DONE else None
    change_record(actor, task, "task", {"state": state, "done_at": done_at}, action=f"task_{state}")
    _set_reminder(task)
    if state == Task.State.DONE and task.record_id:
        log_system(
            actor=actor,
            event=events.TASK_DONE,
            record=(task.record_kind, task.record_id),
            data={"task_id": task.pk, "title": task.title},
        )
    kinds = {
        Task.State.DONE: events.TASK_DONE,
        Task.State.OPEN: events.TASK_REOPENED,
        Task.State.CANCELLED: events.TASK_CANCELLED,
    }
    _tell_task(actor, task, kinds[Task.State(state)])
    return task


@transaction.atomic
def remind_of_task(*, task_id: int) -> None:
    """Tell the owner that a task is due; nothing happens when it was finished meanwhile."""
    task = Task.objects.select_for_update().filter(pk=task_id, state=Task.State.OPEN).first()
    if task is None or task.owner_id is None:
        return
    notify(
        member_ids=[task.owner_id],
        kind="task_due",
        params={"title": task.title, "due_at": task.due_at.isoformat()},
        record=("task", task.pk),
    )
    _tell_task(Actor.system("a reminder came due"), task, events.TASK_DUE)
