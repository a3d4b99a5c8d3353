"""Does bulk edits, chunk by chunk: what refuses one record leaves the others alone."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from crm.records.edits.services import EDIT, UNDO, UNDO_FOR, Edit, operations_of
from crm.records.models import BulkRow
from crm.records.registry import Operations, record_kind
from guanxi.access import Actor
from guanxi.audit.snapshots import snapshot, to_plain
from guanxi.common import clock
from guanxi.common.errors import NotFound, Problem
from guanxi.jobs import Job, daily, job_runner
from tenants.members.selectors import actor_of_member

CHUNK = 50
SHOWN_FAILURES = 200
KEPT_FOR = timedelta(days=7)


@job_runner(EDIT)
def run_edit(job: Job) -> None:
    """Edit the rows that are still to be done; a run that was cut goes on where it stopped."""
    actor, kind = _actor_of(job), str(job.params["kind"])
    edit = Edit(job.params["action"], job.params["values"], tuple(job.params["tags"]), owner_id=job.params["owner_id"])
    waiting = BulkRow.objects.filter(job_id=job.pk, version_after__isnull=True, error="").order_by("pk")
    _in_chunks(job, waiting, lambda row: _edit_row(actor, kind, edit, row))
    rows = BulkRow.objects.filter(job_id=job.pk)
    job.message_code = "bulk_edit_done"
    job.message_params = _counts(rows.exclude(error=""), rows.filter(error="").exclude(before={}), rows)
    job.result = {
        **job.message_params,
        "failures": _failures(actor, kind, rows.exclude(error=""), "error"),
        "undo_until": (clock.now() + UNDO_FOR).isoformat(),
    }


@job_runner(UNDO)
def run_undo(job: Job) -> None:
    """Put back what a bulk edit changed, wherever nothing has changed since."""
    actor, kind = _actor_of(job), str(job.params["kind"])
    edited = BulkRow.objects.filter(job_id=job.params["job_id"], error="").exclude(before={})
    waiting = edited.filter(undone_at__isnull=True, undo_error="").order_by("pk")
    edit_job = Job.objects.get(pk=job.params["job_id"])
    action = str(edit_job.params["action"])
    job.advance(job.done, waiting.count() + job.done)
    _in_chunks(job, waiting, lambda row: _undo_row(actor, kind, action, row))
    job.message_code = "bulk_undo_done"
    job.message_params = _counts(edited.exclude(undo_error=""), edited.filter(undone_at__isnull=False), edited)
    job.result = {**job.message_params, "failures": _failures(actor, kind, edited.exclude(undo_error=""), "undo_error")}


def _actor_of(job: Job) -> Actor:
    if job.member_id is None:
        raise NotFound("member", "")
    # Read anew: rights that were taken away meanwhile hold.
    return actor_of_member(job.member_id)


def _in_chunks(job: Job, waiting: Any, work: Callable[[BulkRow], None]) -> None:
    done = job.done
    while chunk := list(waiting[:CHUNK]):
        with transaction.atomic():
            for row in chunk:
                work(row)
        done += len(chunk)
        job.advance(done)


def _counts(failed: Any, changed: Any, rows: Any) -> dict[str, int]:
    counts = {"changed": changed.count(), "failed": failed.count()}
    return {**counts, "unchanged": rows.count() - sum(counts.values())}


def _failures(actor: Actor, kind: str, rows: Any, column: str) -> list[dict[str, Any]]:
    failed = list(rows.order_by("pk").values_list("record_id", column)[:SHOWN_FAILURES])
    of_kind = record_kind(kind)
    seen = {row.pk: of_kind.title(row) for row in of_kind.visible(actor).filter(pk__in=[pk for pk, _ in failed])}
    return [{"id": pk, "title": seen.get(pk, ""), "code": code} for pk, code in failed]


def _edit_row(actor: Actor, kind: str, edit: Edit, row: BulkRow) -> None:
    try:
        with transaction.atomic():
            record = _locked(actor, kind, row.record_id)
            version = record.version
            before = _before(record, edit)
            changed = _apply(operations_of(kind), actor, record, edit)
            row.version_after = changed.version
            row.before = before if changed.version != version else {}
    except Problem as refusal:
        row.error = refusal.code
    row.save(update_fields=["version_after", "before", "error"])


def _locked(actor: Actor, kind: str, record_id: int) -> Any:
    of_kind = record_kind(kind)
    if not of_kind.visible(actor).filter(pk=record_id).exists():
        raise NotFound(kind, record_id)
    return of_kind.model._default_manager.select_for_update().get(pk=record_id)


def _before(record: Any, edit: Edit) -> dict[str, Any]:
    if edit.action == "set":
        names = ["custom" if name.startswith("custom.") else name for name in edit.values]
        kept = snapshot(record, [name for name in names if name != "custom"])
        keys = [name.removeprefix("custom.") for name in edit.values if name.startswith("custom.")]
        return {**kept, **{f"custom.{key}": to_plain(record.custom.get(key)) for key in keys}}
    if edit.action == "assign":
        return {"owner_id": record.owner_id}
    if edit.action in {"add_tags", "remove_tags"}:
        return {"tags": list(record.tags)}
    return {"archived": record.archived_at is not None}


def _apply(operations: Operations, actor: Actor, record: Any, edit: Edit) -> Any:
    if edit.action == "set":
        return operations.update(actor=actor, record_id=record.pk, changes=_changes(record, edit.values))
    if edit.action == "assign":
        return operations.assign(actor=actor, record_id=record.pk, owner_id=edit.owner_id)
    if edit.action == "archive":
        return operations.archive(actor=actor, record_id=record.pk)
    if edit.action == "restore":
        return operations.restore(actor=actor, record_id=record.pk)
    kept = [tag for tag in record.tags if tag not in edit.tags]
    tags = kept if edit.action == "remove_tags" else [*record.tags, *(t for t in edit.tags if t not in record.tags)]
    return operations.update(actor=actor, record_id=record.pk, changes={"tags": tags})


def _changes(record: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as a service takes them: moments and amounts as such, custom fields beside the others' values."""
    changes: dict[str, Any] = {}
    custom = dict(record.custom)
    for name, value in values.items():
        if name.startswith("custom."):
            custom[name.removeprefix("custom.")] = value
            changes["custom"] = custom
        else:
            changes[name] = _typed(record, name, value)
    return changes


def _typed(record: Any, name: str, value: Any) -> Any:
    return value if value is None else record._meta.get_field(name).to_python(value)


def _undo_row(actor: Actor, kind: str, action: str, row: BulkRow) -> None:
    try:
        with transaction.atomic():
            # Whoever gave a record away may not see it any more and still may take that back.
            eyes = Actor.system(f"bulk edit taken back by member {actor.member_id}") if action == "assign" else actor
            record = _locked(eyes, kind, row.record_id)
            if record.version != row.version_after:
                row.undo_error = "version_conflict"
            else:
                _put_back(operations_of(kind), eyes, record, row.before)
                row.undone_at = clock.now()
    except Problem as refusal:
        row.undo_error = refusal.code
    row.save(update_fields=["undone_at", "undo_error"])


def _put_back(operations: Operations, actor: Actor, record: Any, before: dict[str, Any]) -> None:
    if "archived" in before:
        operation = operations.archive if before["archived"] else operations.restore
        operation(actor=actor, record_id=record.pk)
    elif "owner_id" in before:
        if before["owner_id"] is None:
            raise NotFound("owner", "")
        operations.assign(actor=actor, record_id=record.pk, owner_id=before["owner_id"])
    else:
        operations.update(actor=actor, record_id=record.pk, changes=_changes(record, before))


@daily("records.forget_bulk_rows")
def forget_bulk_rows() -> None:
    """Drop what bulk edits kept for their undoing."""
    BulkRow.objects.filter(at__lt=clock.now() - KEPT_FOR).delete()
