"""Starts bulk edits and takes them back; the work itself is a job."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction

from crm.records.fields import fields_of
from crm.records.lists import list_rows
from crm.records.models import BulkRow
from crm.records.registry import Operations, record_kind
from guanxi.access import Actor, FieldMode, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound
from guanxi.jobs import Job, create_job
from tenants.members.selectors import require_active_member

EDIT, UNDO = "records.bulk_edit", "records.bulk_undo"
MAX_ROWS = 10_000
UNDO_FOR = timedelta(minutes=10)
PERMISSIONS = {
    "set": "update",
    "add_tags": "update",
    "remove_tags": "update",
    "assign": "assign",
    "archive": "archive",
    "restore": "archive",
}


@dataclass(frozen=True, slots=True)
class Edit:
    """What is done to each record: a code of PERMISSIONS, and the fields, the tags or the owner that it needs."""

    action: str
    values: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    owner_id: int | None = None


def operations_of(kind: str) -> Operations:
    """Return the services of a kind that bulk edits work on; raise Invalid for another kind."""
    found = record_kind(kind).operations
    if found is None:
        raise Invalid("kind_without_bulk", "Records of this kind are not edited in bulk.", fields={"kind": "unknown"})
    return found


def start_bulk_edit(
    *, actor: Actor, kind: str, edit: Edit, ids: Iterable[int] | None = None, filters: Mapping[str, Any] | None = None
) -> Job:
    """Edit the named records, or all that fit a list's filters, at most ten thousand, in a job.

    Needs `<kind>.bulk` and the edit's own permission; each record is checked again when its turn comes.
    """
    operations_of(kind)
    require(actor, f"{kind}.bulk")
    _check_edit(actor, kind, edit)
    chosen = _chosen(actor, kind, ids, filters)
    params = {
        "kind": kind,
        "action": edit.action,
        "values": dict(edit.values),
        "tags": list(edit.tags),
        "owner_id": edit.owner_id,
        "of_filter": ids is None,
    }
    with transaction.atomic():
        job = create_job(actor=actor, kind=EDIT, params=params)
        rows = [BulkRow(job_id=job.pk, kind=kind, record_id=record_id) for record_id in chosen]
        BulkRow.objects.bulk_create(rows, batch_size=1000)
        Job.objects.filter(pk=job.pk).update(total=len(rows))
        told = {"action": (None, edit.action), "rows": (None, len(rows)), "fields": (None, sorted(edit.values))}
        record_audit(actor=actor, action="bulk_edit", kind=kind, record_id=job.pk, changes=told)
    job.total = len(rows)
    return job


def _check_edit(actor: Actor, kind: str, edit: Edit) -> None:
    if edit.action not in PERMISSIONS:
        raise Invalid("unknown_action", "This is nothing that can be done in bulk.", fields={"action": "unknown"})
    require(actor, f"{kind}.{PERMISSIONS[edit.action]}")
    if edit.action == "assign" and edit.owner_id is None:
        raise Invalid("owner_missing", "Say who the new owner is.", fields={"owner_id": "missing"})
    if edit.owner_id is not None:
        require_active_member(edit.owner_id)
    if edit.action in {"add_tags", "remove_tags"} and not edit.tags:
        raise Invalid("tags_missing", "Say which tags.", fields={"tags": "missing"})
    if edit.action == "set":
        _check_values(actor, kind, edit.values)


def _check_values(actor: Actor, kind: str, values: Mapping[str, Any]) -> None:
    if not values:
        raise Invalid("values_missing", "Say which fields change.", fields={"values": "missing"})
    known = fields_of(kind)
    closed = {
        name: "not_editable"
        for name in values
        if name not in known or not known[name].editable or actor.field_mode(kind, name) is not FieldMode.EDIT
    }
    if closed:
        raise Invalid("field_not_editable", "These fields cannot be set. Nothing was changed.", fields=closed)


def _chosen(actor: Actor, kind: str, ids: Iterable[int] | None, filters: Mapping[str, Any] | None) -> list[int]:
    chosen = _that_fit(actor, kind, filters or {}) if ids is None else sorted(set(ids))
    if not chosen:
        raise Invalid("nothing_selected", "No record was chosen.", fields={"ids": "missing"})
    if len(chosen) > MAX_ROWS:
        raise Invalid(
            "too_many_rows",
            f"At most {MAX_ROWS} records at once.",
            fields={"ids": "too_many"},
            params={"max": MAX_ROWS},
        )
    if ids is not None and not record_kind(kind).visible(actor).filter(pk__in=chosen).exists():
        raise NotFound(kind, chosen[0])
    return chosen


def _that_fit(actor: Actor, kind: str, filters: Mapping[str, Any]) -> list[int]:
    try:
        rows = list_rows(actor, kind, filters).order_by("pk")
        return list(rows.values_list("pk", flat=True)[: MAX_ROWS + 1])
    except (ValueError, TypeError) as fault:
        raise Invalid(
            "filter_value", "A filter has a value that does not fit.", fields={"filters": "invalid"}
        ) from fault


def clean_filters(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a list's query as its address holds it, with yes and no as such."""
    said = {"true": True, "false": False}
    return {name: said.get(value, value) if isinstance(value, str) else value for name, value in filters.items()}


def undo_bulk_edit(*, actor: Actor, job_id: int) -> Job:
    """Take a bulk edit of one's own back, within ten minutes of its end; records that have changed since stay."""
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id, kind=EDIT, member_id=actor.member_id).first()
        if job is None or actor.member_id is None:
            raise NotFound("bulk edit", job_id)
        if not job.is_finished:
            raise Conflict("bulk_edit_running", "The edit has not ended; cancel it first.")
        if job.finished_at is None or clock.now() - job.finished_at > UNDO_FOR:
            raise Conflict("undo_too_late", "An edit can be taken back for ten minutes.")
        if job.checkpoint.get("undone_by"):
            raise Conflict("undone_already", "The edit has been taken back already.")
        undo = create_job(actor=actor, kind=UNDO, params={"kind": job.params["kind"], "job_id": job.pk})
        job.checkpoint = {**job.checkpoint, "undone_by": undo.pk}
        job.save(update_fields=["checkpoint"])
        record_audit(actor=actor, action="bulk_undo", kind=job.params["kind"], record_id=job.pk)
    return undo
