"""The jobs of imports and exports, and what follows when one of them is lost."""

from django.db import transaction

from crm.imports.models import Export, Import
from crm.imports.services.checking import run_check
from crm.imports.services.common import CHECK_JOB, EXPORT_JOB, RUN_JOB, UNDO_JOB, move_to
from crm.imports.services.exporting import run_export
from crm.imports.services.forgetting import forget_old_tables
from crm.imports.services.running import counts_of, run_import
from crm.imports.services.undoing import run_undo
from guanxi.common import clock
from guanxi.events import Event, subscribe
from guanxi.jobs import daily, job_runner

job_runner(CHECK_JOB)(run_check)
job_runner(RUN_JOB)(run_import)
job_runner(UNDO_JOB)(run_undo)
job_runner(EXPORT_JOB)(run_export)
daily("imports.forget")(forget_old_tables)
STATES = {"job.failed": "failed", "job.cancelled": "cancelled"}


@subscribe(*STATES, name="imports.follow_job")
def follow_job(event: Event) -> None:
    """Let an import or export end with its job, also when the job ended without its runner."""
    kind, state = event.data.get("kind"), STATES[event.kind]
    if kind == EXPORT_JOB:
        export = Export.objects.select_for_update().filter(job_id=event.aggregate_id, state="running").first()
        if export is not None:
            move_to(None, export, state, finished_at=clock.now())
    elif kind in (CHECK_JOB, RUN_JOB, UNDO_JOB):
        _end_import(str(kind), event.aggregate_id, state)


@transaction.atomic
def _end_import(kind: str, job_id: int, state: str) -> None:
    columns = {CHECK_JOB: "check_job_id", RUN_JOB: "run_job_id", UNDO_JOB: "undo_job_id"}
    busy = {CHECK_JOB: Import.State.CHECKING, RUN_JOB: Import.State.RUNNING, UNDO_JOB: Import.State.UNDOING}
    found = Import.objects.select_for_update().filter(**{columns[kind]: job_id}, state=busy[kind])
    run = found.first()
    if run is None:
        return
    if kind == CHECK_JOB:
        move_to(None, run, Import.State.UPLOADED if state == "cancelled" else Import.State.FAILED)
    elif kind == RUN_JOB:
        move_to(None, run, state, counts=counts_of(run), finished_at=clock.now())
    else:
        move_to(None, run, Import.State.DONE)
