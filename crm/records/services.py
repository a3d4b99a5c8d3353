"""The steps that every write of a record shares: stamp, change, version, audit, archive."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from crm.records.base import Record
from crm.records.custom import spread_custom
from crm.records.hooks import clean_record, note_saved
from crm.records.models import SavedView, StateChange
from crm.records.visibility import audience_of_facts, facts_of
from guanxi.access import Actor, ActorKind, allows
from guanxi.audit.services import record_audit
from guanxi.audit.snapshots import diff, snapshot
from guanxi.common import clock
from guanxi.common.errors import Invalid, NotFound, PermissionDenied, VersionConflict
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from tenants.members.selectors import department_of

__all__ = [
    "archive_record",
    "assign_record",
    "audience_of",
    "change_record",
    "clean_record",
    "create_saved_view",
    "delete_saved_view",
    "give_to_owner",
    "log_state_change",
    "log_state_changes",
    "note_saved",
    "release_record",
    "restore_record",
    "save_new",
    "stamp_new",
    "tell_of",
    "update_saved_view",
]


def stamp_new(actor: Actor, record: Record, *, owner_id: int | None = None) -> None:
    """Set who made the record and whose it is; a member's record is the member's own unless another owner is named."""
    now = clock.now()
    record.created_at = record.updated_at = now
    record.created_by_id = record.updated_by_id = actor.member_id
    if owner_id is None and actor.kind is ActorKind.MEMBER:
        owner_id = actor.member_id
    give_to_owner(record, owner_id)


def give_to_owner(record: Record, owner_id: int | None) -> None:
    """Set the owner and the department that the owner is in now."""
    record.owner_id = owner_id
    record.owner_department_path = department_of(owner_id) if owner_id else ""


def change_record(
    actor: Actor,
    record: Record,
    kind: str,
    changes: Mapping[str, Any],
    *,
    version: int | None = None,
    action: str = "update",
) -> dict[str, tuple[Any, Any]]:
    """Apply changed values to a locked row, raise its version, save and audit it; return what really changed.

    Raises VersionConflict when `version` is given and is not the row's. Nothing is written when no value differs.
    """
    if version is not None and version != record.version:
        raise VersionConflict(record.version)
    before = snapshot(record, list(changes))
    for name, value in changes.items():
        setattr(record, name, value)
    changed = diff(before, snapshot(record, list(changes)))
    if not changed:
        return {}
    record.version += 1
    record.updated_at = clock.now()
    record.updated_by_id = actor.member_id
    record.save()
    record_audit(actor=actor, action=action, kind=kind, record_id=record.pk, changes=spread_custom(changed))
    note_saved(actor, kind, record, changed)
    return changed


def save_new(actor: Actor, record: Record, kind: str) -> None:
    """Save and audit a stamped new record."""
    record.save()
    record_audit(actor=actor, action="create", kind=kind, record_id=record.pk)
    note_saved(actor, kind, record, [field.attname for field in record._meta.concrete_fields])


def archive_record(actor: Actor, record: Record, kind: str) -> bool:
    """Take a record out of the lists and tell whoever may read it; return whether it was in them."""
    if record.archived_at is not None:
        return False
    change_record(actor, record, kind, {"archived_at": clock.now()}, action="archive")
    tell_of(actor, record, kind, f"{kind}.archived")
    return True


def restore_record(actor: Actor, record: Record, kind: str) -> bool:
    """Put an archived record back and tell whoever may read it; return whether it had been archived."""
    if record.archived_at is None:
        return False
    change_record(actor, record, kind, {"archived_at": None}, action="restore")
    tell_of(actor, record, kind, f"{kind}.restored")
    return True


def tell_of(actor: Actor | None, record: Record, kind: str, event: str, **data: Any) -> None:
    """Record an event of a record, to be heard by whoever may read the record."""
    record_event(
        event, actor=actor, aggregate=(kind, record.pk), data=data, audience=audience_of(record, f"{kind}.read")
    )


def assign_record(actor: Actor, record: Record, kind: str, owner_id: int) -> bool:
    """Give a locked record to another member, with audit and event; return whether the owner changed.

    State, stage and history stay as they are.
    """
    before = record.owner_id
    if before == owner_id:
        return False
    give_to_owner(record, owner_id)
    record.version += 1
    record.updated_at = clock.now()
    record.updated_by_id = actor.member_id
    record.save()
    record_audit(actor=actor, action="assign", kind=kind, record_id=record.pk, changes={"owner_id": (before, owner_id)})
    note_saved(actor, kind, record, ["owner_id", "owner_department_path"])
    tell_of(actor, record, kind, f"{kind}.assigned", **{"from": before, "to": owner_id})
    return True


def release_record(actor: Actor, record: Record, kind: str) -> bool:
    """Take the owner from a locked record, with audit and event; return whether it had one.

    The one who had it hears of it too, since it leaves that one's lists.
    """
    before = record.owner_id
    if before is None:
        return False
    give_to_owner(record, None)
    record.version += 1
    record.updated_at = clock.now()
    record.updated_by_id = actor.member_id
    record.save()
    record_audit(actor=actor, action="release", kind=kind, record_id=record.pk, changes={"owner_id": (before, None)})
    note_saved(actor, kind, record, ["owner_id", "owner_department_path"])
    record_event(
        f"{kind}.released",
        actor=actor,
        aggregate=(kind, record.pk),
        data={"from": before},
        audience=Audience(member_ids=(before,), permission=f"{kind}.read"),
    )
    return True


def audience_of(record: Record, permission: str) -> Audience:
    """Return who may hear of this record over the socket: whoever may read it."""
    return audience_of_facts(facts_of(permission.partition(".")[0], record), permission)


def log_state_change(
    actor: Actor,
    record: Model,
    kind: str,
    *,
    before: str,
    after: str,
    since: datetime | None = None,
    field: str = "state",
    note: str = "",
) -> None:
    """Write one step of the record's state machine into its history; how long the record had been in `before` is told
    by the step before, or by `since`.
    """
    now = clock.now()
    if since is None:
        steps = StateChange.objects.filter(kind=kind, record_id=record.pk, field=field)
        since = steps.order_by("-at", "-id").values_list("at", flat=True).first()
    StateChange.objects.create(
        kind=kind,
        record_id=record.pk,
        field=field,
        before=before,
        after=after,
        actor_kind=actor.kind.value,
        actor_id=actor.member_id,
        at=now,
        seconds_before=int((now - since).total_seconds()) if since else None,
        note=note,
    )


def log_state_changes(
    actor: Actor,
    kind: str,
    since: Mapping[int, datetime],
    *,
    before: str,
    after: str,
    field: str = "state",
    note: str = "",
) -> None:
    """Write the same step into the history of many records; `since` tells when each had come into `before`."""
    now = clock.now()
    StateChange.objects.bulk_create(
        [
            StateChange(
                kind=kind,
                record_id=record_id,
                field=field,
                before=before,
                after=after,
                actor_kind=actor.kind.value,
                actor_id=actor.member_id,
                at=now,
                seconds_before=int((now - moment).total_seconds()),
                note=note,
            )
            for record_id, moment in since.items()
        ],
        batch_size=500,
    )


def create_saved_view(
    *,
    actor: Actor,
    kind: str,
    name: str,
    filters: dict[str, Any],
    columns: list[str],
    order: str = "",
    shared: bool = False,
) -> SavedView:
    """Keep a list's filters, columns and order under a name."""
    if not name.strip():
        raise Invalid("name_missing", "A view needs a name.", fields={"name": "missing"})
    _check_sharing(actor, shared)
    return SavedView.objects.create(
        kind=kind,
        name=name.strip(),
        member_id=_member_of(actor),
        filters=filters,
        columns=columns,
        order=order,
        shared=shared,
    )


def _member_of(actor: Actor) -> int:
    if actor.member_id is None:
        raise PermissionDenied("view")
    return actor.member_id


def _check_sharing(actor: Actor, shared: bool) -> None:
    if shared and not allows(actor, "view.share"):
        raise Invalid("view_not_shareable", "Your roles do not let you share views.", fields={"shared": "not_allowed"})


def _own_view(actor: Actor, view_id: int) -> SavedView:
    view = SavedView.objects.filter(pk=view_id, member_id=_member_of(actor)).first()
    if view is None:
        raise NotFound("view", view_id)
    return view


def update_saved_view(*, actor: Actor, view_id: int, changes: Mapping[str, Any]) -> SavedView:
    """Change one's own view."""
    view = _own_view(actor, view_id)
    _check_sharing(actor, bool(changes.get("shared")))
    for name in ("name", "filters", "columns", "order", "shared", "position"):
        if changes.get(name) is not None:
            setattr(view, name, changes[name])
    if not view.name.strip():
        raise Invalid("name_missing", "A view needs a name.", fields={"name": "missing"})
    view.updated_at = clock.now()
    view.save()
    return view


def delete_saved_view(*, actor: Actor, view_id: int) -> None:
    """Remove one's own view."""
    _own_view(actor, view_id).delete()
