"""Plans: what somebody means to do, when, with whom; and the result that a plan turns into."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from crm.activities import events
from crm.activities.models import Activity
from crm.activities.selectors.lines import access_activity
from crm.activities.services.lines import (
    link_activity,
    own_activity,
    parents_of,
    relink_activity,
    save_activity,
    tell_activity,
    touch_record,
)
from crm.activities.services.parts import next_reminder, set_participants, set_reminder
from crm.activities.types import PLANNED_KINDS
from crm.records.registry import access_record, record_kind
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, PermissionDenied, VersionConflict
from guanxi.notifications.services import notify

MAX_REMINDERS = 5


@transaction.atomic
def plan_activity(
    *,
    actor: Actor,
    kind: str,
    subject: str,
    at: datetime,
    record: tuple[str, int] | None = None,
    ends_at: datetime | None = None,
    body: str = "",
    place: str = "",
    participants: Mapping[str, Iterable[int]] | None = None,
    remind_minutes: Iterable[int] = (),
) -> Activity:
    """Plan a call, visit or meeting in one's own calendar, with a record or without; participants are told."""
    require(actor, "activity.create")
    if actor.member_id is None:
        raise PermissionDenied("activity.create")
    if kind not in PLANNED_KINDS:
        raise Invalid("unknown_activity_kind", "This kind cannot be planned.", fields={"kind": "unknown"})
    if not subject.strip():
        raise Invalid("subject_missing", "A plan needs a subject.", fields={"subject": "missing"})
    target = access_record(actor, *record) if record else None
    now = clock.now()
    activity = Activity(
        kind=kind,
        state=Activity.State.PLANNED,
        record_kind=record[0] if record else "",
        record_id=record[1] if record else None,
        subject=subject.strip(),
        body=body,
        place=place.strip(),
        at=at,
        ends_at=ends_at,
        remind_minutes=sorted(set(remind_minutes), reverse=True)[:MAX_REMINDERS],
        member_id=actor.member_id,
        actor_kind=actor.kind.value,
        created_at=now,
        updated_at=now,
    )
    save_activity(activity)
    set_participants(actor, activity, participants)
    if record:
        link_activity(activity, [record, *parents_of(record[0], target)])
    set_reminder(activity)
    _invite(actor, activity)
    tell_activity(actor, activity, events.ACTIVITY_PLANNED, {"kind": kind})
    return access_activity(actor, activity.pk)


def _invite(actor: Actor, activity: Activity) -> None:
    notify(
        member_ids=_members(activity) - {activity.member_id},
        kind="activity_invited",
        params={"title": activity.subject, "by": actor.name, "at": activity.at.isoformat()},
        record=_named(activity),
        dedupe_key=f"activity_invited:{activity.pk}",
    )


def _members(activity: Activity) -> set[Any]:
    parts = activity.participants.filter(member_id__isnull=False).values_list("member_id", flat=True)
    return {activity.member_id, *parts} - {None}


def _named(activity: Activity) -> tuple[str, int] | None:
    return (activity.record_kind, activity.record_id) if activity.record_id is not None else None


def _own_plan(actor: Actor, activity_id: int, version: int | None) -> Activity:
    require(actor, "activity.update")
    activity = access_activity(actor, activity_id, lock=True)
    own_activity(actor, activity)
    if version is not None and version != activity.version:
        raise VersionConflict(activity.version)
    if activity.state != Activity.State.PLANNED:
        raise Conflict("activity_not_planned", "This is over already. Nothing was changed.")
    return activity


@transaction.atomic
def complete_plan(
    *,
    actor: Actor,
    activity_id: int,
    outcome: str = "",
    summary: str = "",
    next_step: str = "",
    version: int | None = None,
) -> Activity:
    """Turn one's own plan into its result; the summary follows what was written when it was planned.

    Done ahead of its time, it took place now.
    """
    activity = _own_plan(actor, activity_id, version)
    if not outcome and not summary.strip():
        raise Invalid("result_missing", "Say how it went.", fields={"summary": "missing"})
    activity.state = Activity.State.DONE
    activity.outcome = outcome
    activity.next_step = next_step.strip()
    activity.body = "\n\n".join(text for text in (activity.body.strip(), summary.strip()) if text)
    now = clock.now()
    if activity.at > now:
        length = activity.ends_at - activity.at if activity.ends_at else None
        activity.at = now
        activity.ends_at = now + length if length else None
    _end(actor, activity, "done", events.ACTIVITY_DONE)
    if activity.record_id is not None:
        record = record_kind(activity.record_kind).model._default_manager.filter(pk=activity.record_id).first()
        if record is not None:
            touch_record(record, activity)
    return access_activity(actor, activity_id)


@transaction.atomic
def cancel_plan(*, actor: Actor, activity_id: int, version: int | None = None) -> Activity:
    """Call one's own plan off; whoever takes part is told."""
    activity = _own_plan(actor, activity_id, version)
    activity.state = Activity.State.CANCELLED
    _end(actor, activity, "cancelled", events.ACTIVITY_CANCELLED)
    notify(
        member_ids=_members(activity) - {activity.member_id},
        kind="activity_cancelled",
        params={"title": activity.subject, "by": actor.name, "at": activity.at.isoformat()},
        record=_named(activity),
    )
    return access_activity(actor, activity_id)


def _end(actor: Actor, activity: Activity, action: str, event: str) -> None:
    activity.version += 1
    activity.updated_at = clock.now()
    save_activity(activity)
    relink_activity(activity)
    set_reminder(activity)
    record_audit(actor=actor, action=action, kind="activity", record_id=activity.pk)
    tell_activity(actor, activity, event)


@transaction.atomic
def remind_of_activity(*, activity_id: int) -> None:
    """Remind everybody who takes part in a plan, and set the next reminder."""
    activity = Activity.objects.select_for_update().filter(pk=activity_id, deleted_at__isnull=True).first()
    if activity is None or activity.state != Activity.State.PLANNED:
        return
    minutes = max(0, round((activity.at - clock.now()).total_seconds() / 60))
    notify(
        member_ids=_members(activity),
        kind="activity_soon",
        params={"title": activity.subject, "at": activity.at.isoformat(), "place": activity.place, "minutes": minutes},
        record=_named(activity),
        dedupe_key=f"activity_soon:{activity.pk}:{activity.at.isoformat()}:{minutes}",
    )
    if next_reminder(activity) is not None:
        set_reminder(activity)
