"""Talks on timelines: one line a conversation and day, not one a message."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from crm.activities import events
from crm.activities.models import Activity, ActivityLink
from crm.activities.services.lines import link_activity, relink_activity, save_activity, tell_activity, touch_record
from crm.activities.types import TalkDay
from crm.records.registry import record_kind
from guanxi.access import Actor, ActorKind
from guanxi.common import clock

TALK = "conversation.talk"
Target = tuple[str, int]


@transaction.atomic
def write_talk_days(*, talk: Target, channel: str, days: Sequence[TalkDay], records: Iterable[Target]) -> int:
    """Let the days of a conversation show on its own timeline and on those of its records; return how many are new.

    Written again, a day's line says the newest; a record that the talk was joined to by mistake loses its lines.
    """
    shown_on = list(dict.fromkeys([talk, *records]))
    known = _known_lines(talk, days)
    new = [line for day in days if (line := _write(talk, channel, day, known.get(day.day.isoformat()), shown_on))]
    _take_off_others(talk, shown_on[1:])
    for line in new:
        tell_activity(Actor.system("a talk"), line, events.ACTIVITY_LOGGED, {"kind": line.kind})
    return len(new)


def _known_lines(talk: Target, days: Sequence[TalkDay]) -> dict[str, Activity]:
    since: datetime = min(day.begins_at for day in days)
    links = ActivityLink.objects.filter(record_kind=talk[0], record_id=talk[1], at__gte=since)
    lines = [link.activity for link in links.select_related("activity") if link.activity.event == TALK]
    return {str(line.data["day"]): line for line in lines}


def _write(
    talk: Target, channel: str, day: TalkDay, line: Activity | None, shown_on: Sequence[Target]
) -> Activity | None:
    """Write one day; return the line when it is new."""
    new, now = line is None, clock.now()
    if line is None:
        line = Activity(kind=Activity.Kind.MESSAGE, event=TALK, record_kind=talk[0], record_id=talk[1], created_at=now)
    line.at, line.body, line.updated_at = day.at, day.last, now
    line.member_id = day.member_id
    line.actor_kind = (ActorKind.MEMBER if day.member_id is not None else ActorKind.ASSISTANT).value
    line.data = {"day": day.day.isoformat(), "messages": day.messages, "channel": channel}
    save_activity(line)
    if not new:
        relink_activity(line)
    link_activity(line, shown_on)
    for kind, pk in shown_on[1:]:
        target = record_kind(kind).model._default_manager.filter(pk=pk).only("pk", "last_activity_at").first()
        if target is not None:
            touch_record(target, line)
    return line if new else None


def _take_off_others(talk: Target, records: Sequence[Target]) -> None:
    """Remove the talk's lines from records of the same kinds that it is no longer joined to."""
    stale = Q(pk__in=[])
    for kind, pk in records:
        stale |= Q(record_kind=kind) & ~Q(record_id=pk)
    lines = ActivityLink.objects.filter(record_kind=talk[0], record_id=talk[1]).values("activity_id")
    ActivityLink.objects.filter(stale, activity_id__in=lines, activity__event=TALK).delete()
