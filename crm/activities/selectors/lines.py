"""Reads timelines and single activities."""

from django.db.models import Prefetch, QuerySet

from crm.activities.models import Activity, ActivityLink, Participant
from crm.records.registry import access_record
from guanxi.access import Actor, in_scope
from guanxi.common.errors import NotFound
from tenants.members.selectors import department_of

PARTICIPANTS = Prefetch("participants", Participant.objects.select_related("member").order_by("id"))


def timeline(
    actor: Actor, record_kind: str, record_id: int, *, kinds: list[str] | None = None
) -> QuerySet[ActivityLink]:
    """Return the lines of a record's timeline, newest first; raise NotFound when the actor may not see the record."""
    access_record(actor, record_kind, record_id)
    rows = ActivityLink.objects.filter(record_kind=record_kind, record_id=record_id, activity__deleted_at__isnull=True)
    if kinds:
        rows = rows.filter(activity__kind__in=kinds)
    participants = Prefetch("activity__participants", Participant.objects.select_related("member").order_by("id"))
    return rows.select_related("activity", "activity__member", "activity__check_in").prefetch_related(participants)


def access_activity(actor: Actor, activity_id: int, *, lock: bool = False) -> Activity:
    """Return an activity of a record that the actor may see, one that the actor takes part in, or one without a record
    from a calendar that the actor may see; raise NotFound otherwise.
    """
    rows = Activity.objects.filter(pk=activity_id, deleted_at__isnull=True)
    activity = (
        rows.select_for_update() if lock else rows.select_related("member", "check_in").prefetch_related(PARTICIPANTS)
    ).first()
    if activity is None:
        raise NotFound("activity", activity_id)
    check_visible(actor, activity)
    return activity


def check_visible(actor: Actor, activity: Activity) -> None:
    """Raise NotFound when the actor may not see the activity."""
    if _takes_part(actor, activity):
        return
    if activity.record_id is not None:
        access_record(actor, activity.record_kind, activity.record_id)
    elif not in_scope(
        actor, "activity.read", owner_id=activity.member_id, department_path=department_of(activity.member_id)
    ):
        raise NotFound("activity", activity.pk)


def _takes_part(actor: Actor, activity: Activity) -> bool:
    if actor.member_id is None:
        return False
    if activity.state == Activity.State.PLANNED and activity.member_id == actor.member_id:
        return True
    return activity.participants.filter(member_id=actor.member_id).exists()
