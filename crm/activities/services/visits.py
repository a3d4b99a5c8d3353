"""Checking in on a visit: where, when by the server's clock, how far from the time before, with a photo."""

from math import asin, cos, radians, sin, sqrt

from django.db import transaction

from crm.activities import events
from crm.activities.models import Activity, CheckIn
from crm.activities.selectors.lines import access_activity
from crm.activities.services.lines import own_activity, tell_activity
from crm.activities.types import Position
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid
from guanxi.files.selectors import access_file

PHOTO_PURPOSE = "visit_photo"
EARTH_RADIUS = 6_371_008.8


@transaction.atomic
def check_in(*, actor: Actor, activity_id: int, position: Position) -> CheckIn:
    """Say that one is there now, on one's own visit; it is said once."""
    require(actor, "activity.update")
    activity = access_activity(actor, activity_id, lock=True)
    own_activity(actor, activity)
    if activity.kind != Activity.Kind.VISIT or activity.state == Activity.State.CANCELLED:
        raise Conflict("not_a_visit", "Only on a visit can one check in.")
    if CheckIn.objects.filter(activity=activity).exists():
        raise Conflict("checked_in_already", "You have checked in on this visit before.")
    _check(actor, position)
    entry = CheckIn.objects.create(
        activity=activity,
        record_kind=activity.record_kind,
        record_id=activity.record_id,
        latitude=position.latitude,
        longitude=position.longitude,
        accuracy=position.accuracy,
        address=position.address.strip(),
        distance=_distance_from_last(activity, position),
        file_id=position.file_id,
        at=clock.now(),
    )
    record_audit(actor=actor, action="check_in", kind="activity", record_id=activity.pk)
    tell_activity(actor, activity, events.ACTIVITY_CHECKED_IN)
    return entry


def _check(actor: Actor, position: Position) -> None:
    if (position.latitude is None) != (position.longitude is None):
        raise Invalid("position_half", "A position has two numbers.", fields={"latitude": "missing"})
    if position.latitude is None and not position.address.strip():
        raise Invalid("position_missing", "Allow the position, or write where you are.", fields={"address": "missing"})
    if position.file_id is not None and access_file(actor, position.file_id).purpose != PHOTO_PURPOSE:
        raise Invalid("not_a_photo", "This file is no photo of a visit.", fields={"file_id": "unknown"})


def _distance_from_last(activity: Activity, position: Position) -> int | None:
    if activity.record_id is None or position.latitude is None or position.longitude is None:
        return None
    known = CheckIn.objects.filter(
        record_kind=activity.record_kind, record_id=activity.record_id, latitude__isnull=False
    )
    last = known.order_by("-at").values_list("latitude", "longitude").first()
    if last is None or last[0] is None or last[1] is None:
        return None
    here = float(position.latitude), float(position.longitude)
    return round(distance_between(here, (float(last[0]), float(last[1]))))


def distance_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the metres between two positions over the ground."""
    latitude, longitude = (radians(b - a) for a, b in zip(one, other, strict=True))
    half = sin(latitude / 2) ** 2 + cos(radians(one[0])) * cos(radians(other[0])) * sin(longitude / 2) ** 2
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(half)))
