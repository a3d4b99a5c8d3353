"""Tasks: reminded when due, given to others, finished on the record that they are about."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.activities.models import Task
from crm.activities.selectors import access_task, end_of_day, find_tasks, name_records, timeline
from crm.activities.services import create_task, set_task_state, update_task
from crm.customers.services import create_customer
from guanxi.access import Actor, Grant, Scope
from guanxi.common import clock
from guanxi.common.errors import NotFound, PermissionDenied, VersionConflict
from guanxi.notifications.models import Notification
from guanxi.timers.models import Due
from tests.crm.makers import go_by
from tests.people import Team


def _task(actor: Actor, *, hours: float = 2, owner: Actor | None = None, **values: Any) -> Task:
    due = clock.now() + timedelta(hours=hours)
    given = owner.member_id if owner else None
    return create_task(actor=actor, values={"title": "回访", "due_at": due, **values}, owner_id=given)


def _told(kind: str) -> list[int]:
    return sorted(Notification.objects.filter(kind=kind).values_list("member_id", flat=True))


def test_a_task_reminds_when_it_is_due_and_once(rep: Actor) -> None:
    task = _task(rep)
    go_by(task.due_at - timedelta(seconds=1))
    assert _told("task_due") == []
    go_by(task.due_at + timedelta(seconds=1))
    go_by(task.due_at + timedelta(hours=1))
    assert _told("task_due") == [rep.member_id]
    assert Notification.objects.get(kind="task_due").record_id == task.pk


def test_remind_at_comes_before_due_and_moves(rep: Actor) -> None:
    task = _task(rep, remind_at=clock.now() + timedelta(hours=1))
    later = clock.now() + timedelta(hours=3)
    update_task(actor=rep, task_id=task.pk, changes={"remind_at": later})
    go_by(clock.now() + timedelta(hours=2, minutes=30))
    assert _told("task_due") == []
    go_by(later + timedelta(seconds=1))
    assert _told("task_due") == [rep.member_id]


@pytest.mark.parametrize("state", ["done", "cancelled"])
def test_a_finished_task_does_not_remind_and_a_reopened_one_does(rep: Actor, state: str) -> None:
    task = _task(rep)
    set_task_state(actor=rep, task_id=task.pk, state=state)
    assert not Due.objects.filter(kind="task.reminder", ref_id=task.pk).exists()
    again = set_task_state(actor=rep, task_id=task.pk, state="open")
    assert again.done_at is None
    go_by(task.due_at + timedelta(seconds=1))
    assert _told("task_due") == [rep.member_id]


def test_a_finished_task_is_a_line_on_its_record(rep: Actor) -> None:
    customer = create_customer(actor=rep, values={"name": "A"})
    due = clock.now() + timedelta(hours=1)
    task = create_task(actor=rep, values={"title": "送样", "due_at": due}, record=("customer", customer.pk))
    for _ in range(2):
        set_task_state(actor=rep, task_id=task.pk, state="done")
    lines = timeline(rep, "customer", customer.pk).filter(activity__event="task.done")
    assert [line.activity.data["title"] for line in lines] == ["送样"], "finished twice, written once"


def test_a_task_about_what_one_may_not_see(team: Team) -> None:
    customer = create_customer(actor=team["rep2"], values={"name": "Not mine"})
    with pytest.raises(NotFound):
        create_task(actor=team["rep"], values={"title": "x", "due_at": clock.now()}, record=("customer", customer.pk))


def test_giving_a_task_rings_and_stays_in_sight(team: Team) -> None:
    task = _task(team["manager"], owner=team["rep"])
    assert _told("task_assigned") == [team["rep"].member_id]
    assert access_task(team["rep"], task.pk).pk == task.pk
    moved = update_task(
        actor=team["manager"], task_id=task.pk, changes={"title": "新"}, owner_id=team["rep2"].member_id, version=1
    )
    assert (moved.owner_id, moved.title, moved.version) == (team["rep2"].member_id, "新", 2)
    assert moved.owner_department_path == team["rep2"].department_path
    assert _told("task_assigned") == sorted([team["rep"].member_id or 0, team["rep2"].member_id or 0])
    with pytest.raises(NotFound):
        access_task(team["rep"], task.pk)
    with pytest.raises(VersionConflict):
        update_task(actor=team["rep2"], task_id=task.pk, changes={"title": "late"}, version=1)
    nobody = replace(team["rep"], grants={k: v for k, v in team["rep"].grants.items() if k != "task.assign"})
    with pytest.raises(PermissionDenied):
        _task(nobody, owner=team["rep2"])


def test_whoever_reads_all_tasks_does_not_write_them(team: Team) -> None:
    """Reach is asked for each permission on its own."""
    reader = replace(team["rep2"], grants={**team["rep2"].grants, "task.read": frozenset({Grant(Scope.ALL)})})
    task = _task(team["rep"])
    assert access_task(reader, task.pk).pk == task.pk
    acts: tuple[Callable[[], Task], ...] = (
        lambda: update_task(actor=reader, task_id=task.pk, changes={"title": "x"}),
        lambda: set_task_state(actor=reader, task_id=task.pk, state="done"),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act()


def test_null_changes_nothing_but_the_reminder(rep: Actor) -> None:
    task = _task(rep, remind_at=clock.now() + timedelta(hours=1))
    nothing = {"title": None, "body": None, "due_at": None, "priority": None, "remind_at": None}
    changed = update_task(actor=rep, task_id=task.pk, changes=nothing)
    assert (changed.title, changed.due_at, changed.remind_at) == ("回访", task.due_at, None)


def test_due_filters_follow_the_members_day(rep: Actor) -> None:
    noon = end_of_day(rep.timezone) - timedelta(hours=12)
    with clock.at(noon):
        late, today, week, far = (
            _task(rep, hours=hours, title=title) for hours, title in ((-1, "a"), (11, "b"), (60, "c"), (400, "d"))
        )
        found = {due: {task.pk for task in find_tasks(rep, {"due": due})} for due in ("overdue", "today", "week", "")}
    assert found["overdue"] == {late.pk}
    assert found["today"] == {late.pk, today.pk}
    assert found["week"] == {late.pk, today.pk, week.pk}
    assert found[""] == {late.pk, today.pk, week.pk, far.pk}


def test_tasks_name_what_they_are_about_and_nothing_unseen(team: Team) -> None:
    customer = create_customer(actor=team["rep"], values={"name": "茗溪茶业"})
    about = ("customer", customer.pk)
    create_task(actor=team["rep"], values={"title": "x", "due_at": clock.now()}, record=about)
    _task(team["rep"])
    tasks = list(find_tasks(team["rep"], {}))
    with CaptureQueriesContext(connection) as queries:
        name_records(team["rep"], tasks)
    assert [getattr(task, "record_title", "") for task in tasks] == ["茗溪茶业", ""]
    assert len(queries) == 1
    name_records(team["rep2"], tasks)
    assert [getattr(task, "record_title", "") for task in tasks] == ["", ""]
