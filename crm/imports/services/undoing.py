"""Takes an import back within a day: what nobody has touched since is archived, or gets back what it had."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from crm.deals.services.rules import watch_stay
from crm.imports.models import Import, ImportChunk
from crm.imports.selectors import access_import
from crm.imports.services.checking import require_state
from crm.imports.services.common import UNDO_JOB, move_to, require_kind, working_actor
from crm.imports.types import UNDO_WITHIN
from crm.records.bulk import change_many
from crm.records.registry import record_kind
from guanxi.access import Actor
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict
from guanxi.jobs import Job, create_job

ACTION = "import_undone"


def may_undo(run: Import) -> bool:
    """Return whether the import ended less than a day ago and has not been taken back."""
    return (
        run.state in (Import.State.DONE, Import.State.CANCELLED)
        and run.finished_at is not None
        and clock.now() - run.finished_at < UNDO_WITHIN
        and bool(run.counts.get("created") or run.counts.get("changed"))
    )


@transaction.atomic
def start_undo(*, actor: Actor, import_id: int) -> Import:
    """Let a worker take an import back. Raises Conflict when it is too late."""
    run = access_import(actor, import_id, lock=True)
    require_kind(actor, run.kind, "import")
    require_state(run, Import.State.DONE, Import.State.CANCELLED)
    if not may_undo(run):
        raise Conflict("import_undo_late", "An import can be taken back within a day.")
    job = create_job(actor=actor, kind=UNDO_JOB, params={"import_id": run.pk})
    move_to(actor, run, Import.State.UNDOING, undo_job_id=job.pk)
    return run


def run_undo(job: Job) -> None:
    """Do the undoing's job, the last chunk first; one that was cut goes on."""
    run = Import.objects.get(pk=int(job.params["import_id"]))
    if run.undo_job_id != job.pk or run.state != Import.State.UNDOING:
        return
    actor = working_actor(run.member_id, f"{run.kind}.import")
    total = run.chunks.count()
    counts: dict[str, int] = {"archived": 0, "restored": 0, "kept": 0, **job.checkpoint.get("counts", {})}
    while (chunk := run.chunks.filter(undone_at__isnull=True).order_by("-number").first()) is not None:
        undone = undo_chunk(actor, run, chunk)
        counts = {name: counts[name] + undone[name] for name in counts}
        left = run.chunks.filter(undone_at__isnull=True).count()
        job.advance(total - left, total, checkpoint={"counts": counts})
    with transaction.atomic():
        run = Import.objects.select_for_update().get(pk=run.pk)
        record_audit(
            actor=actor,
            action="import_undone",
            kind="import",
            record_id=run.pk,
            changes={name: (0, number) for name, number in counts.items()},
        )
        move_to(actor, run, Import.State.UNDONE, undone_at=clock.now(), counts={**run.counts, **counts})
    job.finish(message_code="import_undone", message_params=counts, result=counts)


@transaction.atomic
def undo_chunk(actor: Actor, run: Import, chunk: ImportChunk) -> dict[str, int]:
    """Take one chunk back; return how many were archived, restored, and kept since somebody had touched them."""
    contacts = _archive(actor, "contact", chunk.contact_ids, run.created_at)
    records = _archive(actor, run.kind, chunk.created_ids, run.created_at)
    restored = _restore(actor, run.kind, chunk.changed)
    chunk.undone_at = clock.now()
    chunk.save(update_fields=["undone_at"])
    asked = len(chunk.created_ids) + len(chunk.contact_ids) + len(chunk.changed)
    archived = contacts + records
    return {"archived": archived, "restored": restored, "kept": asked - archived - restored}


def _archive(actor: Actor, kind: str, ids: Sequence[int], since: datetime) -> int:
    if not ids:
        return 0
    rows: QuerySet[Any] = record_kind(kind).model._default_manager.filter(
        pk__in=ids, version=1, archived_at__isnull=True
    )
    quiet = Q(last_activity_at__isnull=True) | Q(last_activity_at__lt=since)
    records = list(rows.filter(quiet).order_by("pk").select_for_update(of=("self",)))
    if kind == "customer":
        deals = record_kind("deal").model._default_manager.filter(customer_id__in=ids, archived_at__isnull=True)
        busy = set(deals.values_list("customer_id", flat=True))
        records = [record for record in records if record.pk not in busy]
    now = clock.now()
    changed = change_many(actor, kind, [(record, {"archived_at": now}) for record in records], action=ACTION)
    for record in records:
        if getattr(record, "stuck_at", None) is not None:
            watch_stay(record)
    return len(changed)


def _restore(actor: Actor, kind: str, changed: Sequence[dict[str, Any]]) -> int:
    known = {one["id"]: one for one in changed}
    rows: QuerySet[Any] = (
        record_kind(kind).model._default_manager.filter(pk__in=known, archived_at__isnull=True).order_by("pk")
    )
    untouched = [
        (record, known[record.pk]["before"])
        for record in rows.select_for_update(of=("self",))
        if record.version == known[record.pk]["version"]
    ]
    return len(change_many(actor, kind, untouched, action=ACTION))
