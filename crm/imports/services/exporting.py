"""Takes records out into a table: logged, marked, without what the reader may not see, and for one day."""

import tempfile
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from crm.imports.columns.words import catalogue, note
from crm.imports.models import Export
from crm.imports.selectors import access_export
from crm.imports.services.common import EXPORT_JOB, RESULT, move_to, require_kind, tell, working_actor
from crm.imports.services.presenting import Presenter, chosen_columns
from crm.imports.sheets import open_writer
from crm.imports.types import EXPORT_KEPT
from crm.records.lists import list_rows
from crm.records.visibility import reach_q
from guanxi.access import Actor
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Invalid, NotFound
from guanxi.files.services import delete_file
from guanxi.files.streaming import store_stream
from guanxi.jobs import Job, JobCancelled, create_job
from guanxi.timers import on_due
from guanxi.timers.services import set_timer
from tenants.workspaces.selectors import current_workspace

EXPIRE = "export.expire"
STEP = 2000
MAX_IDS = 10_000


@transaction.atomic
def start_export(
    *,
    actor: Actor,
    kind: str,
    columns: Sequence[str],
    format_: str,
    filters: Mapping[str, Any],
    ids: Sequence[int] | None = None,
) -> Export:
    """Let a worker write what a list's filters show, or the chosen rows of it, into a table."""
    member_id = require_kind(actor, kind, "export")
    chosen_columns(actor, kind, columns)
    if ids is not None and len(ids) > MAX_IDS:
        raise Invalid("too_many_ids", "Choose fewer rows, or a filter.", fields={"ids": "too_many"})
    rows_of(actor, kind, filters, ids)
    export = Export.objects.create(
        kind=kind,
        member_id=member_id,
        format=format_,
        columns=list(dict.fromkeys(columns)),
        filters=dict(filters),
        ids=list(ids) if ids is not None else None,
    )
    record_audit(
        actor=actor,
        action="export",
        kind=kind,
        record_id=export.pk,
        changes={
            "columns": (None, export.columns),
            "filters": (None, export.filters),
            "chosen": (None, len(ids) if ids is not None else None),
            "format": (None, format_),
        },
    )
    export.job_id = create_job(actor=actor, kind=EXPORT_JOB, params={"export_id": export.pk}).pk
    export.save(update_fields=["job_id"])
    tell(actor, export)
    return export


def rows_of(actor: Actor, kind: str, filters: Mapping[str, Any], ids: Sequence[int] | None) -> Any:
    """Return the records that the list would show and that the actor may take out."""
    rows = list_rows(actor, kind, filters).filter(reach_q(actor, kind, "export"))
    return rows if ids is None else rows.filter(pk__in=list(ids))


def run_export(job: Job) -> None:
    """Do the export's job; one that was cut begins anew, since nothing was kept."""
    export = Export.objects.get(pk=int(job.params["export_id"]))
    if export.job_id != job.pk:
        return
    actor = working_actor(export.member_id, f"{export.kind}.export")
    if export.state != Export.State.RUNNING:
        with transaction.atomic():
            move_to(actor, export, Export.State.RUNNING)
    try:
        with tempfile.TemporaryFile() as target:
            rows = write_rows(job, export, actor, target)
            with transaction.atomic():
                day = clock.today(actor.timezone).isoformat()
                name = note(actor.locale, "file_name", kind=catalogue(actor.locale)["kinds"][export.kind], day=day)
                stored = store_stream(actor=actor, name=f"{name}.{export.format}", stream=target, purpose=RESULT)
                _finish(actor, export, rows, stored.pk)
    except JobCancelled:
        with transaction.atomic():
            move_to(actor, export, Export.State.CANCELLED, finished_at=clock.now())
        raise
    job.finish(message_code="export_done", message_params={"rows": rows}, result={"rows": rows, "export_id": export.pk})


def write_rows(job: Job, export: Export, actor: Actor, target: Any) -> int:
    """Write the table through a cursor of the server; return how many rows it has."""
    presenter = Presenter(actor, export.kind, chosen_columns(actor, export.kind, export.columns))
    writer = open_writer(
        export.format, target, presenter.headers, mark=export.pk, note_title=note(actor.locale, "watermark")
    )
    found = rows_of(actor, export.kind, export.filters, export.ids).order_by("-pk").select_related(None)
    if presenter.related:
        found = found.select_related(*presenter.related)
    if "customer_id" not in export.columns:
        found = found.prefetch_related(None)
    number = 0
    for number, record in enumerate(found.defer("search_keys").iterator(chunk_size=STEP), 1):
        writer.write(presenter.row(record))
        if number % STEP == 0:
            job.advance(number)
    writer.close(watermark(actor, export, number))
    job.advance(number, number)
    return number


def watermark(actor: Actor, export: Export, rows: int) -> list[tuple[str, str]]:
    """Return the lines that say who took the table out, when, and where from."""
    moment = clock.now().astimezone(ZoneInfo(actor.timezone))
    lines = {
        "exported_by": actor.name,
        "exported_at": f"{moment:%Y-%m-%d %H:%M}",
        "workspace": current_workspace().name,
        "export_number": str(export.pk),
        "rows": str(rows),
    }
    told = [(note(actor.locale, code), value) for code, value in lines.items()]
    return [*told, (note(actor.locale, "confidential"), "")]


def _finish(actor: Actor, export: Export, rows: int, file_id: int) -> None:
    now = clock.now()
    record_audit(
        actor=actor, action="export_done", kind=export.kind, record_id=export.pk, changes={"rows": (None, rows)}
    )
    set_timer(EXPIRE, export.pk, now + EXPORT_KEPT)
    move_to(
        actor,
        export,
        Export.State.DONE,
        rows=rows,
        file_id=file_id,
        finished_at=now,
        expires_at=now + EXPORT_KEPT,
    )


@on_due(EXPIRE)
def expire_export(export_id: int) -> None:
    """Delete the file of an export whose day is over; what was taken out stays known."""
    export = Export.objects.select_for_update().filter(pk=export_id, state=Export.State.DONE).first()
    if export is not None:
        _drop(export.file_id)
        move_to(None, export, Export.State.EXPIRED, file_id=None)


def _drop(file_id: int | None) -> None:
    if file_id is not None:
        try:
            delete_file(actor=Actor.system("tables are kept for a time"), file_id=file_id)
        except NotFound:
            return


def file_of_export(*, actor: Actor, export_id: int) -> int:
    """Return the file of an export for the one who made it; raise NotFound for everybody else, or when it is gone."""
    export = access_export(actor, export_id)
    late = export.expires_at is None or export.expires_at < clock.now()
    if export.member_id != actor.member_id or export.file_id is None or late:
        raise NotFound("export", export_id)
    record_audit(actor=actor, action="export_download", kind=export.kind, record_id=export.pk)
    return export.file_id
