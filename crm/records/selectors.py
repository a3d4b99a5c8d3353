"""Reads what is common to all records: history, views, search over every kind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from crm.records.models import SavedView, StateChange
from crm.records.modes import Presented
from crm.records.registry import access_record, record_kinds
from guanxi.access import Actor, ActorKind

HITS_A_KIND = 5


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One match of the search over everything."""

    kind: str
    id: int
    title: str
    subtitle: str
    archived: bool


def visible_views(actor: Actor, kind: str) -> QuerySet[SavedView]:
    """Return one's own views of a kind, and the shared ones."""
    return SavedView.objects.filter(Q(member_id=actor.member_id) | Q(shared=True), kind=kind).order_by("position", "id")


def state_history(actor: Actor, kind: str, record_id: int) -> QuerySet[StateChange]:
    """Return the steps of a record that the actor may see, newest first."""
    access_record(actor, kind, record_id)
    return StateChange.objects.filter(kind=kind, record_id=record_id).order_by("-at", "-id")


def last_step(kind: str, record_id: int, *, to: str, by: ActorKind) -> datetime | None:
    """Return when somebody of this kind last moved a record into a state, None when nobody did."""
    rows = StateChange.objects.filter(kind=kind, record_id=record_id, after=to, actor_kind=by.value)
    return rows.order_by("-at", "-id").values_list("at", flat=True).first()


def search_everything(
    actor: Actor, text: str, *, kinds: list[str] | None = None, limit: int = HITS_A_KIND
) -> list[SearchHit]:
    """Return the best matches of each kind that the actor may see."""
    hits: list[SearchHit] = []
    if not text.strip():
        return hits
    for name, kind in record_kinds().items():
        if kind.search is None or (kinds and name not in kinds):
            continue
        hits += [_hit(name, kind, Presented(actor, name, record)) for record in kind.search(actor, text)[:limit]]
    return hits


def _hit(name: str, kind: Any, record: Any) -> SearchHit:
    return SearchHit(
        kind=name,
        id=record.pk,
        title=kind.title(record),
        subtitle=kind.subtitle(record) if kind.subtitle else "",
        archived=getattr(record, "archived_at", None) is not None,
    )
