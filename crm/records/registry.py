"""The registry of record kinds: how a (kind, id) pair becomes a record, who may see it, what hangs below it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet

from guanxi.access import Actor
from guanxi.audit.selectors import register_history
from guanxi.common.errors import NotFound

# The kind that others hang below: its owner sees them all, whoever made them.
PARENT = "customer"


@dataclass(frozen=True, slots=True)
class Operations:
    """The services of a kind, in one shape for bulk edits, import, handover and merge.

    create(actor=, values=, owner_id=), update(actor=, record_id=, changes=, version=), assign(actor=, record_id=,
    owner_id=), archive(actor=, record_id=), restore(actor=, record_id=); each returns the record.
    """

    create: Callable[..., Any]
    update: Callable[..., Any]
    assign: Callable[..., Any]
    archive: Callable[..., Any]
    restore: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A kind of record that timelines, notes, tasks, search and the audit can point at.

    `visible(actor)` is the kind's visibility query, `title(record)` what a list shows of it, `search(actor, text)` its
    matches, best first. `find(actor, filters)` begins the kind's list. Kinds with `operations` are business records:
    their fields stand in the catalogue (`crm.records.fields`), and bulk edits, import, handover and merge work on them.

    For the policy (`crm.records.visibility`): `below(customers)` narrows to what hangs below these customers,
    `customer_ids(record)` names them for one record, `reads_only_below` says that sharing the customer lets this kind
    be read and not changed, `seen_by_readers_of_customer` that whoever may read the customer may read it. What the
    kind's own `visible` adds to the policy: `besides(record)` names members who see it by a code for the reason, and
    `seen_also(actor, record)` gives codes for the rest.
    """

    kind: str
    model: type[Model]
    visible: Callable[[Actor], QuerySet[Any]]
    title: Callable[[Any], str]
    search: Callable[[Actor, str], QuerySet[Any]] | None = None
    subtitle: Callable[[Any], str] | None = None
    find: Callable[[Actor, Mapping[str, Any]], QuerySet[Any]] | None = None
    operations: Operations | None = None
    below: Callable[[QuerySet[Any]], Q] | None = None
    customer_ids: Callable[[Any], Iterable[int]] | None = None
    reads_only_below: bool = False
    seen_by_readers_of_customer: bool = False
    besides: Callable[[Any], Mapping[str, int | None]] | None = None
    seen_also: Callable[[Actor, Any], Iterable[str]] | None = None


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
