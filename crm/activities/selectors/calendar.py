"""Reads calendars: whose one may see, and what stands in them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, Q

from crm.activities.models import Activity, CalendarFeed, Participant, Task
from crm.activities.selectors.tasks import visible_tasks
from crm.activities.types import PLANNED_KINDS, CalendarEntry
from crm.records.registry import record_kinds
from guanxi.access import Actor, in_scope
from guanxi.common import clock
from guanxi.common.errors import Invalid
from guanxi.common.ids import digest
from tenants.members.selectors import active_member_ids, people_at_work

LONGEST_SPAN = timedelta(days=62)
MOST_ENTRIES = 2000
FED_BACK, FED_AHEAD = timedelta(days=60), timedelta(days=365)


def calendar_people(actor: Actor) -> list[dict[str, Any]]:
    """Return the members at work whose calendars the scope of `activity.read` reaches, oneself first."""
    people = [
        {"id": member.id, "name": member.name, "department": member.department}
        for member in people_at_work()
        if member.id == actor.member_id
        or in_scope(actor, "activity.read", owner_id=member.id, department_path=member.department_path)
    ]
    return sorted(people, key=lambda person: person["id"] != actor.member_id)


def calendar(actor: Actor, *, since: datetime, until: datetime, member_ids: Iterable[int] = ()) -> list[CalendarEntry]:
    """Return what stands in calendars between two moments, one's own when nobody is named; who is out of the scope is
    left out. A record is named where the actor may see it.
    """
    if until <= since or until - since > LONGEST_SPAN:
        raise Invalid("span_too_long", "A calendar shows at most 62 days.", fields={"until": "too_far"})
    own = {actor.member_id} - {None}
    wanted = (set(member_ids) & {person["id"] for person in calendar_people(actor)}) if member_ids else own
    ids = sorted(pk for pk in wanted if pk is not None)
    activities = list(_activities(ids, since, until)[:MOST_ENTRIES])
    tasks = (
        visible_tasks(actor)
        .filter(owner_id__in=ids, due_at__gte=since, due_at__lt=until, archived_at__isnull=True)
        .exclude(state=Task.State.CANCELLED)
    )
    found = [_of_activity(activity, actor) for activity in activities]
    found += [_of_task(task, actor) for task in tasks.order_by("due_at", "id")[:MOST_ENTRIES]]
    return sorted(_with_titles(actor, found), key=lambda entry: (entry.starts_at, entry.id))


def _activities(member_ids: list[int], since: datetime, until: datetime) -> Any:
    takes_part = Participant.objects.filter(member_id__in=member_ids).values("activity_id")
    participants = Prefetch("participants", Participant.objects.filter(member_id__isnull=False).order_by("id"))
    rows = Activity.objects.filter(
        Q(member_id__in=member_ids) | Q(pk__in=takes_part),
        kind__in=sorted(PLANNED_KINDS),
        deleted_at__isnull=True,
        at__gte=since,
        at__lt=until,
    ).exclude(state=Activity.State.CANCELLED)
    return rows.select_related("member").prefetch_related(participants).order_by("at", "id")


def _of_activity(activity: Activity, actor: Actor) -> CalendarEntry:
    return CalendarEntry(
        id=f"activity-{activity.pk}",
        source="activity",
        source_id=activity.pk,
        kind=activity.kind,
        state=activity.state,
        title=activity.subject or activity.body[:80],
        starts_at=activity.at,
        ends_at=activity.ends_at,
        place=activity.place,
        member_id=activity.member_id,
        member=activity.member,
        participant_ids=[part.member_id for part in activity.participants.all() if part.member_id],
        record_kind=activity.record_kind,
        record_id=activity.record_id,
        record_title="",
        own=activity.member_id is not None and activity.member_id == actor.member_id,
        version=activity.version,
    )


def _of_task(task: Task, actor: Actor) -> CalendarEntry:
    return CalendarEntry(
        id=f"task-{task.pk}",
        source="task",
        source_id=task.pk,
        kind=task.kind,
        state=task.state,
        title=task.title,
        starts_at=task.due_at,
        ends_at=None,
        place="",
        member_id=task.owner_id,
        member=task.owner,
        participant_ids=[],
        record_kind=task.record_kind,
        record_id=task.record_id,
        record_title="",
        own=task.owner_id is not None and task.owner_id == actor.member_id,
        version=task.version,
    )


def _with_titles(actor: Actor, entries: list[CalendarEntry]) -> list[CalendarEntry]:
    """Name the records that the actor may see, and drop the others from the entries; one query a kind."""
    titles: dict[tuple[str, int], str] = {}
    for name, kind in record_kinds().items():
        ids = {entry.record_id for entry in entries if entry.record_kind == name}
        if ids:
            titles |= {(name, row.pk): kind.title(row) for row in kind.visible(actor).filter(pk__in=ids)}
    return [_named(entry, titles) for entry in entries]


def _named(entry: CalendarEntry, titles: dict[tuple[str, int], str]) -> CalendarEntry:
    title = titles.get((entry.record_kind, entry.record_id or 0))
    if title is None:
        return replace(entry, record_kind="", record_id=None)
    return replace(entry, record_title=title)


def feed_state(actor: Actor) -> dict[str, Any]:
    """Return whether the member's calendar has an address, and when a program last read it."""
    feed = CalendarFeed.objects.filter(member_id=actor.member_id or 0).first()
    return {
        "active": feed is not None,
        "created_at": feed.created_at if feed else None,
        "last_read_at": feed.last_read_at if feed else None,
    }


def feed_of_token(token: str) -> CalendarFeed | None:
    """Return the feed of an address whose member is at work, None for any other token."""
    feed = CalendarFeed.objects.filter(token_digest=digest(token)).select_related("member").first()
    return feed if feed is not None and active_member_ids([feed.member_id]) else None


def fed_entries(feed: CalendarFeed) -> tuple[list[Activity], list[Task]]:
    """Return a member's own plans, visits and meetings, and open tasks, from two months ago until a year ahead."""
    now = clock.now()
    activities = _activities([feed.member_id], now - FED_BACK, now + FED_AHEAD)[:MOST_ENTRIES]
    tasks = Task.objects.filter(
        owner_id=feed.member_id,
        state=Task.State.OPEN,
        archived_at__isnull=True,
        due_at__gte=now - FED_BACK,
        due_at__lt=now + FED_AHEAD,
    )
    return list(activities), list(tasks.order_by("due_at", "id")[:MOST_ENTRIES])
