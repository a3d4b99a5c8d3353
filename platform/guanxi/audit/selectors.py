"""Reads the audit trail."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.db.models import QuerySet

from guanxi.access import Actor, FieldMode, allows
from guanxi.audit.models import AuditEntry
from guanxi.common.errors import NotFound
from guanxi.secrets.redaction import HIDDEN

_access: dict[str, Callable[[Actor, int], object]] = {}


def register_history(kind: str, access: Callable[[Actor, int], object]) -> None:
    """Let whoever may see a record of this kind see its history too; `access` raises NotFound for others."""
    _access[kind] = access


def record_history(kind: str, record_id: int) -> QuerySet[AuditEntry]:
    """Return the entries of a record, newest first; the caller has authorised the actor for the record."""
    return AuditEntry.objects.filter(kind=kind, record_id=record_id).order_by("-id")


def access_history(actor: Actor, kind: str, record_id: int) -> QuerySet[AuditEntry]:
    """Return a record's history for an actor who may see the record, or the whole trail."""
    if not allows(actor, "audit.read"):
        access = _access.get(kind)
        if access is None:
            raise NotFound(kind, record_id)
        access(actor, record_id)
    return record_history(kind, record_id)


def find_entries(
    *,
    kind: str = "",
    record_id: int | None = None,
    actor_id: int | None = None,
    actor_kind: str = "",
    action: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[AuditEntry]:
    """Return the tenant's entries that match every given condition."""
    conditions = {
        "kind": kind or None,
        "record_id": record_id,
        "actor_id": actor_id,
        "actor_kind": actor_kind or None,
        "action": action or None,
        "at__gte": since,
        "at__lt": until,
    }
    return AuditEntry.objects.filter(**{name: value for name, value in conditions.items() if value is not None})


def owner_changes(kind: str, record_ids: Iterable[int]) -> dict[int, list[tuple[datetime, int | None, int | None]]]:
    """Return record id → the changes of its owner as (when, from, to), oldest first; one query.

    The caller has checked who may know.
    """
    rows = AuditEntry.objects.filter(kind=kind, record_id__in=list(record_ids), changes__has_key="owner_id")
    found: dict[int, list[tuple[datetime, int | None, int | None]]] = {}
    for record_id, at, changes in rows.order_by("id").values_list("record_id", "at", "changes"):
        before, after = changes["owner_id"]
        found.setdefault(record_id, []).append((at, before, after))
    return found


def shown_changes(actor: Actor, entry: AuditEntry) -> dict[str, list[object]]:
    """Return an entry's changes as this actor may see them: a hidden field not at all, a masked one only as changed."""
    modes = actor.field_modes.get(entry.kind, {})
    shown: dict[str, list[object]] = {}
    for name, values in entry.changes.items():
        mode = modes.get(name, FieldMode.READ)
        if mode is not FieldMode.HIDDEN:
            shown[name] = [HIDDEN, HIDDEN] if mode is FieldMode.MASKED else _inside(modes, name, values)
    return shown


def _inside(modes: Mapping[str, FieldMode], name: str, values: list[object]) -> list[object]:
    """Leave out of a field that holds others, such as `custom`, what the actor does not see."""
    closed = {key.partition(".")[2] for key, mode in modes.items() if mode <= FieldMode.MASKED and f"{name}." in key}
    if not closed:
        return values
    return [
        {key: part for key, part in value.items() if key not in closed} if isinstance(value, dict) else value
        for value in values
    ]
