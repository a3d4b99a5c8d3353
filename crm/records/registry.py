"""The registry of record kinds: how a (kind, id) pair becomes a record, who may see it, what hangs below it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from guanxi.access import Actor
from guanxi.audit.selectors import register_history
from guanxi.common.errors import NotFound


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A kind of record that timelines, notes, tasks, search and the audit can point at.

    `visible(actor)` is the kind's visibility query, `title(record)` what a list shows of it, `search(actor, text)` its
    matches, best first.
    """

    kind: str
    model: type[Model]
    visible: Callable[[Actor], QuerySet[Any]]
    title: Callable[[Any], str]
    search: Callable[[Actor, str], QuerySet[Any]] | None = None
    subtitle: Callable[[Any], str] | None = None


_kinds: dict[str, RecordKind] = {}


def register_kind(kind: RecordKind) -> None:
    """Register a kind; an app does it in its AppConfig.ready. Whoever may see a record may see its audit too."""
    _kinds[kind.kind] = kind
    register_history(kind.kind, lambda actor, record_id: access_record(actor, kind.kind, record_id))


def record_kinds() -> dict[str, RecordKind]:
    """Return all kinds by name."""
    return dict(_kinds)


def record_kind(kind: str) -> RecordKind:
    """Return a kind; raise NotFound for one that nobody registered."""
    try:
        return _kinds[kind]
    except KeyError:
        raise NotFound("record kind", kind) from None


def access_record(actor: Actor, kind: str, record_id: int) -> Any:
    """Return the record when the actor may see it; raise NotFound otherwise."""
    record = record_kind(kind).visible(actor).filter(pk=record_id).first()
    if record is None:
        raise NotFound(kind, record_id)
    return record
