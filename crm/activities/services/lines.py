"""Writes what was done, and what services did, onto timelines."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from crm.activities import events
from crm.activities.models import Activity, ActivityLink
from crm.activities.selectors.lines import access_activity, check_visible
from crm.activities.services.parts import set_participants, set_reminder
from crm.activities.types import OUTCOMES, WRITTEN_KINDS, qualifies
from crm.records.base import Record
from crm.records.registry import access_record, record_kind
from crm.records.services import audience_of
from guanxi.access import Actor, ActorKind, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound, PermissionDenied, VersionConflict
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from tenants.members.selectors import department_of

PERSONAL_KINDS = {ActorKind.MEMBER, ActorKind.API_KEY}


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
    outcome: str = "",
    next_step: str = "",
    place: str = "",
    ends_at: datetime | None = None,
    participants: Mapping[str, Iterable[int]] | None = None,
) -> Activity:
    """Write what was done on a record; it shows on the record, on its parents and on the records of `also_on`.

    `participants` holds `member_ids` and `contact_ids`.
    """
    require(actor, "activity.create")
    if kind not in WRITTEN_KINDS:
        raise Invalid("unknown_activity_kind", "This kind of activity is not known.", fields={"kind": "unknown"})
    if not body.strip() and not subject.strip() and not outcome:
        raise Invalid("activity_empty", "There is nothing to keep yet.", fields={"body": "missing"})
    target = access_record(actor, *record)
    now = clock.now()
    activity = Activity(
        kind=kind,
        record_kind=record[0],
        record_id=record[1],
        subject=subject.strip(),
        body=body,
        data=data or {},
        at=at or now,
        ends_at=ends_at,
        place=place.strip(),
        outcome=outcome,
        next_step=next_step.strip(),
        member_id=actor.member_id,
        actor_kind=actor.kind.value,
        duration_minutes=duration_minutes,
        created_at=now,
        updated_at=now,
    )
    save_activity(activity)
    set_participants(actor, activity, participants)
    link_activity(activity, [record, *parents_of(record[0], target), *also_on])
    touch_record(target, activity)
    tell_activity(actor, activity, events.ACTIVITY_LOGGED, {"kind": kind})
    return activity


def save_activity(activity: Activity) -> None:
    """Save an activity whose values have been set; raise Invalid for an outcome or an end that cannot be."""
    if activity.outcome not in OUTCOMES:
        raise Invalid("unknown_outcome", "This outcome is not known.", fields={"outcome": "unknown"})
    if activity.ends_at is not None and activity.ends_at < activity.at:
        raise Invalid("ends_before_start", "It ends before it begins.", fields={"ends_at": "before_start"})
    activity.qualifying = qualifies(
        activity.kind,
        state=activity.state,
        by_person=activity.actor_kind in {kind.value for kind in PERSONAL_KINDS},
        has_result=bool(activity.outcome or activity.body.strip()),
    )
    activity.save()


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
    activity = Activity(
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
    save_activity(activity)
    link_activity(activity, [record, *also_on])
    return activity


def show_on(*, record: tuple[str, int], also_on: tuple[str, int]) -> None:
    """Let everything of one record's timeline show on another's: a lead's on the customer that it became."""
    columns = ("activity_id", "at", "qualifying", "planned")
    rows = ActivityLink.objects.filter(record_kind=record[0], record_id=record[1]).values(*columns)
    ActivityLink.objects.bulk_create(
        [ActivityLink(record_kind=also_on[0], record_id=also_on[1], **row) for row in rows], ignore_conflicts=True
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


def link_activity(activity: Activity, records: Iterable[tuple[str, int]]) -> None:
    """Let an activity show on the timelines of these records."""
    flags = _flags(activity)
    links = [
        ActivityLink(activity=activity, record_kind=kind, record_id=pk, **flags) for kind, pk in dict.fromkeys(records)
    ]
    ActivityLink.objects.bulk_create(links, ignore_conflicts=True)


def relink_activity(activity: Activity) -> None:
    """Repeat on an activity's links what it says now."""
    activity.links.update(**_flags(activity))


def _flags(activity: Activity) -> dict[str, Any]:
    there = activity.deleted_at is None
    return {
        "at": activity.at,
        "qualifying": there and activity.qualifying,
        "planned": there and activity.state == Activity.State.PLANNED,
    }


def touch_record(target: Any, activity: Activity) -> None:
    """Move a record's last activity up to one that was done."""
    if activity.state != Activity.State.DONE or not hasattr(target, "last_activity_at"):
        return
    if target.last_activity_at is None or target.last_activity_at < activity.at:
        type(target).objects.filter(pk=target.pk).update(last_activity_at=activity.at)


def tell_activity(actor: Actor, activity: Activity, kind: str, data: dict[str, Any] | None = None) -> None:
    """Record an event of an activity, to be heard by whoever may see its record, and by whoever takes part."""
    members = tuple(
        activity.participants.filter(member_id__isnull=False).order_by("id").values_list("member_id", flat=True)
    )
    named = activity.record_kind, activity.record_id
    record_event(
        kind,
        actor=actor,
        aggregate=(named[0], named[1]) if named[1] is not None else ("activity", activity.pk),
        data={"activity_id": activity.pk, **(data or {})},
        audience=_audience(activity, members),
    )


def _audience(activity: Activity, members: tuple[int, ...]) -> Audience | None:
    if activity.record_id is None:
        path = department_of(activity.member_id)
        return Audience(activity.member_id, path, member_ids=members, permission="activity.read")
    target = record_kind(activity.record_kind).model._default_manager.filter(pk=activity.record_id).first()
    if not isinstance(target, Record):
        return None
    return replace(audience_of(target, f"{activity.record_kind}.read"), member_ids=members)


def own_activity(actor: Actor, activity: Activity) -> None:
    """Raise unless the actor wrote the activity."""
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
    own_activity(actor, activity)
    if version is not None and version != activity.version:
        raise VersionConflict(activity.version)
    _apply(actor, activity, changes)
    activity.version += 1
    activity.updated_at = clock.now()
    save_activity(activity)
    relink_activity(activity)
    set_reminder(activity)
    record_audit(actor=actor, action="update", kind="activity", record_id=activity.pk)
    tell_activity(actor, activity, events.ACTIVITY_UPDATED)
    return activity


def _apply(actor: Actor, activity: Activity, changes: Mapping[str, Any]) -> None:
    for name in ("subject", "body", "at", "duration_minutes", "data", "place", "outcome", "next_step"):
        if changes.get(name) is not None:
            setattr(activity, name, changes[name])
    for name in ("ends_at", "remind_minutes"):
        if name in changes:
            setattr(activity, name, changes[name])
    if "participants" in changes:
        set_participants(actor, activity, changes["participants"])


@transaction.atomic
def delete_activity(*, actor: Actor, activity_id: int) -> None:
    """Take back what one wrote oneself; the row stays, for undo and for the audit."""
    require(actor, "activity.update")
    activity = access_activity(actor, activity_id, lock=True)
    own_activity(actor, activity)
    activity.deleted_at = clock.now()
    activity.save(update_fields=["deleted_at"])
    relink_activity(activity)
    set_reminder(activity)
    record_audit(actor=actor, action="delete", kind="activity", record_id=activity.pk)
    tell_activity(actor, activity, events.ACTIVITY_DELETED)


@transaction.atomic
def restore_activity(*, actor: Actor, activity_id: int) -> Activity:
    """Undo a deletion of what one wrote oneself."""
    require(actor, "activity.update")
    activity = Activity.objects.select_for_update().filter(pk=activity_id).first()
    if activity is None:
        raise NotFound("activity", activity_id)
    check_visible(actor, activity)
    own_activity(actor, activity)
    if activity.deleted_at is None:
        return activity
    activity.deleted_at = None
    activity.save(update_fields=["deleted_at"])
    relink_activity(activity)
    set_reminder(activity)
    tell_activity(actor, activity, events.ACTIVITY_UPDATED)
    return activity
