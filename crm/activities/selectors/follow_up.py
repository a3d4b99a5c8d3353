"""Tells when a record was last followed up, and which records nobody means to."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from django.db.models import Exists, Max, Model, OuterRef, QuerySet

from crm.activities.models import ActivityLink, Task
from guanxi.common import clock

M = TypeVar("M", bound=Model)


def last_follow_up(kind: str, record_ids: Iterable[int]) -> dict[int, datetime]:
    """Return record id → moment of the last qualifying activity, for the records of a kind that have one.

    One query over the index `follow_up`; the caller has checked who may know.
    """
    rows = ActivityLink.objects.filter(record_kind=kind, record_id__in=list(record_ids), qualifying=True)
    return dict(rows.order_by().values_list("record_id").annotate(Max("at")))


def follow_ups_since(kind: str, record_ids: Iterable[int], since: datetime) -> dict[int, list[datetime]]:
    """Return record id → moments of its qualifying activities since a moment, oldest first; one query.

    The caller has checked who may know.
    """
    rows = ActivityLink.objects.filter(record_kind=kind, record_id__in=list(record_ids), qualifying=True, at__gte=since)
    found: dict[int, list[datetime]] = {}
    for record_id, at in rows.order_by("at").values_list("record_id", "at"):
        found.setdefault(record_id, []).append(at)
    return found


def without_next_step(rows: QuerySet[M], kind: str) -> QuerySet[M]:
    """Narrow records of a kind to those for which neither an activity is planned nor a task is open in the future."""
    now = clock.now()
    planned = ActivityLink.objects.filter(record_kind=kind, record_id=OuterRef("pk"), planned=True, at__gte=now)
    tasks = Task.objects.filter(
        record_kind=kind, record_id=OuterRef("pk"), state=Task.State.OPEN, archived_at__isnull=True, due_at__gte=now
    )
    return rows.filter(~Exists(planned), ~Exists(tasks))
