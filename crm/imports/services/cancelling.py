"""Stops an import or export that is under way; what is written stays written."""

from crm.imports.models import Export, Import
from crm.imports.selectors import access_export, access_import
from guanxi.access import Actor
from guanxi.common.errors import Conflict
from guanxi.jobs import cancel_job


def cancel_import(*, actor: Actor, import_id: int) -> Import:
    """Ask the job of an import to stop after its present chunk."""
    run = access_import(actor, import_id)
    jobs = {
        Import.State.CHECKING: run.check_job_id,
        Import.State.RUNNING: run.run_job_id,
        Import.State.UNDOING: run.undo_job_id,
    }
    job_id = jobs.get(Import.State(run.state))
    if job_id is None:
        raise Conflict("import_state", "The import has gone on.", params={"state": run.state})
    cancel_job(actor=actor, job_id=job_id)
    return run


def cancel_export(*, actor: Actor, export_id: int) -> Export:
    """Ask the job of an export to stop."""
    export = access_export(actor, export_id)
    if export.state != Export.State.RUNNING or export.job_id is None:
        raise Conflict("export_state", "The export has ended.", params={"state": export.state})
    cancel_job(actor=actor, job_id=export.job_id)
    return export
