"""Writes activities and tasks."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from crm.activities import events
from crm.activities.models import Activity, ActivityLink, Task
from crm.activities.selectors import access_activity, access_task
from crm.records.registry import access_record
from crm.records.services import audience_of, change_record, stamp_new
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound, PermissionDenied, VersionConflict
from guanxi.events.services import record_event
from guanxi.notifications.services import notify
from guanxi.timers.services import cancel_timer, set_timer
from tenants.members.selectors import require_active_member

REMINDER = "task.reminder"
WRITTEN_KINDS = {"note", "call", "visit", "meeting", "email"}
TASK_FIELDS = ["title", "body", "kind", "priority", "due_at", "remind_at", "tags", "custom"]


@transaction.atomic
def log_activity(
    *,
    actor: Actor,
    kind: str,
    record: tuple[str, int],
    subject: str = "",
    body: str = "",
    data: dict[str, Any] | None = None,
    at: datetime | None = None,
    duration_minutes: int | None = None,
    also_on: Iterable[tuple[str, int]] = (),
) -> Activity:
    """Write what was done on a record; it shows on the record, on its parents and on the records of `also_on`."""
    require(actor, "activity.create")
    if kind not in WRITTEN_KINDS:
        raise Invalid("unknown_activity_kind", "This kind of activity is not known.", fields={"kind": "unknown"})
    if not body.strip() and not subject.strip():
        raise Invalid("activity_empty", "There is nothing to keep yet.", fields={"body": "missing"})
    target = access_record(actor, *record)
    activity = Activity.objects.create(
        kind=kind,
        record_kind=record[0],
        record_id=record[1],
        subject=subject.strip(),
        body=body,
        data=data or {},
        at=at or clock.now(),
        member_id=actor.member_id,
        actor_kind=actor.kind.value,
        duration_minutes=duration_minutes,
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    _link(activity, [record, *parents_of(record[0], target), *also_on])
    _touch(target, activity.at)
    record_event(
        events.ACTIVITY_LOGGED,
        actor=actor,
        aggregate=record,
        data={"activity_id": activity.pk, "kind": kind},
        audience=_audience(target, record[0]),
    )
    return activity


def log_system(
    *,
    actor: Actor,
    event: str,
    record: tuple[str, int],
    data: dict[str, Any] | None = None,
    kind: str = "system",
    body: str = "",
    also_on: Iterable[tuple[str, int]] = (),
) -> Activity:
    """Write a step that a service took onto timelines; the caller has checked the rights, and tells of it by an event
    of its own.
    """
    now = clock.now()
    activity = Activity.objects.create(
        kind=kind,
        event=event,
        record_kind=record[0],
        record_id=record[1],
        body=body,
        data=data or {},
        at=now,
        member_id=actor.member_id,
        actor_kind=actor.kind.value,
        created_at=now,
        updated_at=now,
    )
    _link(activity, [record, *also_on])
    return activity


def show_on(*, record: tuple[str, int], also_on: tuple[str, int]) -> None:
    """Let everything of one record's timeline show on another's: a lead's on the customer that it became."""
    rows = ActivityLink.objects.filter(record_kind=record[0], record_id=record[1]).values_list("activity_id", "at")
    ActivityLink.objects.bulk_create(
        [ActivityLink(activity_id=pk, record_kind=also_on[0], record_id=also_on[1], at=at) for pk, at in rows],
        ignore_conflicts=True,
    )


def parents_of(kind: str, record: Any) -> list[tuple[str, int]]:
    """Return the records on whose timeline something of this record shows too."""
    parents = []
    customer_id = getattr(record, "customer_id", None) or getattr(record, "converted_customer_id", None)
    if kind != "customer" and customer_id:
        parents.append(("customer", customer_id))
    if kind == "contact":
        parents += [("customer", link.customer_id) for link in record.customer_links.all()]
    return parents


def _link(activity: Activity, records: Iterable[tuple[str, int]]) -> None:
    links = [
        ActivityLink(activity=activity, record_kind=kind, record_id=pk, at=activity.at)
        for kind, pk in dict.fromkeys(records)
    ]
    ActivityLink.objects.bulk_create(links, ignore_conflicts=True)


def _touch(target: Any, at: datetime) -> None:
    if hasattr(target, "last_activity_at") and (target.last_activity_at is None or target.last_activity_at < at):
        type(target).objects.filter(pk=target.pk).update(last_activity_at=at)


def _audience(target: Any, kind: str) -> Any:
    return audience_of(target, f"{kind}.read") if hasattr(target, "owner_department_path") else None


def _own(actor: Actor, activity: Activity) -> None:
    if activity.kind not in WRITTEN_KINDS:
        raise Conflict("activity_not_editable", "This line was written by the system and stays as it is.")
    if not actor.is_unbounded and activity.member_id != actor.member_id:
        raise PermissionDenied("activity.update")


@transaction.atomic
def update_activity(
    *, actor: Actor, activity_id: int, changes: Mapping[str, Any], version: int | None = None
) -> Activity:
    """Change what one wrote oneself."""
    require(actor, "activity.update")
    activity = access_activity(actor, activity_id, lock=True)
    _own(actor, activity)
    if version is not None and version != activity.version:
        raise VersionConflict(activity.version)
    for name in ("subject", "body", "at", "duration_minutes", "data"):
        if changes.get(name) is not None:
            setattr(activity, name, changes[name])
    activity.version += 1
    activity.updated_at = clock.now()
    activity.save()
    activity.links.update(at=activity.at)
    record_audit(actor=actor, action="update", kind="activity", record_id=activity.pk)
    _tell(actor, activity, events.ACTIVITY_UPDATED)
    return activity


@transaction.atomic
def delete_activity(*, actor: Actor, activity_id: int) -> None:
    """Take back what one wrote oneself; the row stays, for undo and for the audit."""
    require(actor, "activity.update")
    activity = access_activity(actor, activity_id, lock=True)
    _own(actor, activity)
    activity.deleted_at = clock.now()
    activity.save(update_fields=["deleted_at"])
    record_audit(actor=actor, action="delete", kind="activity", record_id=activity.pk)
    _tell(actor, activity, events.ACTIVITY_DELETED)


@transaction.atomic
def restore_activity(*, actor: Actor, activity_id: int) -> Activity:
    """Undo a deletion of what one wrote oneself."""
    require(actor, "activity.update")
    activity = Activity.objects.select_for_update().filter(pk=activity_id).first()
    if activity is None:
        raise NotFound("activity", activity_id)
    access_record(actor, activity.record_kind, activity.record_id)
    _own(actor, activity)
    if activity.deleted_at is None:
        return activity
    activity.deleted_at = None
    activity.save(update_fields=["deleted_at"])
    _tell(actor, activity, events.ACTIVITY_UPDATED)
    return activity


def _tell(actor: Actor, activity: Activity, kind: str) -> None:
    target = access_record(actor, activity.record_kind, activity.record_id)
    record_event(
        kind,
        actor=actor,
        aggregate=(activity.record_kind, activity.record_id),
        data={"activity_id": activity.pk},
        audience=_audience(target, activity.record_kind),
    )


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
