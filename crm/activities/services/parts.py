"""Who takes part in an activity, and when whose calendar it stands in is reminded."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from crm.activities.models import Activity, Participant
from crm.records.registry import record_kind
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Invalid
from guanxi.timers.services import cancel_timer, set_timer
from tenants.members.selectors import active_member_ids

REMINDER = "activity.reminder"
MAX_PARTICIPANTS = 50


def set_participants(actor: Actor, activity: Activity, chosen: Mapping[str, Iterable[int]] | None) -> None:
    """Let exactly these members and contacts take part; raise Invalid for one that the actor cannot name."""
    if chosen is None:
        return
    members = set(chosen.get("member_ids", ())) - {activity.member_id}
    contacts = set(chosen.get("contact_ids", ()))
    if len(members) + len(contacts) > MAX_PARTICIPANTS:
        raise Invalid("too_many_participants", "So many cannot take part.", fields={"participants": "too_many"})
    kept = activity.participants.all()
    before_members = {part.member_id for part in kept if part.member_id}
    before_contacts = {part.contact_id for part in kept if part.contact_id}
    _check_members(members - before_members)
    _check_contacts(actor, contacts - before_contacts)
    activity.participants.filter(member_id__in=before_members - members).delete()
    activity.participants.filter(contact_id__in=before_contacts - contacts).delete()
    Participant.objects.bulk_create(
        [Participant(activity=activity, member_id=pk) for pk in sorted(members - before_members)]
        + [Participant(activity=activity, contact_id=pk) for pk in sorted(contacts - before_contacts)]
    )


def _check_members(members: set[int]) -> None:
    if members and len(active_member_ids(members)) != len(members):
        raise Invalid("member_unknown", "Somebody is not a member at work.", fields={"participants": "unknown"})


def _check_contacts(actor: Actor, contacts: set[int]) -> None:
    if contacts and record_kind("contact").visible(actor).filter(pk__in=contacts).count() != len(contacts):
        raise Invalid("contact_unknown", "Somebody is not a contact you know.", fields={"participants": "unknown"})


def next_reminder(activity: Activity) -> int | None:
    """Return the minutes before the beginning at which the next reminder is due, None when none is to come."""
    now = clock.now()
    ahead = [minutes for minutes in activity.remind_minutes or [] if activity.at - timedelta(minutes=minutes) > now]
    return max(ahead, default=None)


def set_reminder(activity: Activity) -> None:
    """Set the timer of the next reminder of a plan, or take it back."""
    minutes = next_reminder(activity)
    waits = activity.state == Activity.State.PLANNED and activity.deleted_at is None
    if waits and minutes is not None:
        set_timer(REMINDER, activity.pk, activity.at - timedelta(minutes=minutes))
    else:
        cancel_timer(REMINDER, activity.pk)
