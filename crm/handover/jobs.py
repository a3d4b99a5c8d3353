"""The jobs of handovers, and what follows when one of them is lost."""

from django.db import transaction

from crm.handover.models import Handover
from crm.handover.services.common import move_to
from crm.handover.services.running import counts_of, run_handover
from crm.handover.services.undoing import run_undo
from crm.handover.types import RUN_JOB, UNDO_JOB
from guanxi.common import clock
from guanxi.events import Event, subscribe
from guanxi.jobs import job_runner

job_runner(RUN_JOB)(run_handover)
job_runner(UNDO_JOB)(run_undo)
STATES = {"job.failed": Handover.State.FAILED, "job.cancelled": Handover.State.CANCELLED}


@subscribe(*STATES, name="handover.follow_job")
@transaction.atomic
def follow_job(event: Event) -> None:
    """Let a handover end with its job, also when the job ended without its runner."""
    if event.data.get("kind") == RUN_JOB:
        rows = Handover.objects.filter(job_id=event.aggregate_id, state=Handover.State.RUNNING)
        if (handover := rows.select_for_update().first()) is not None:
            counts = counts_of(handover.pk)
            move_to(None, handover, STATES[event.kind], counts=counts, finished_at=clock.now())
    elif event.data.get("kind") == UNDO_JOB:
        rows = Handover.objects.filter(undo_job_id=event.aggregate_id, state=Handover.State.UNDOING)
        if (handover := rows.select_for_update().first()) is not None:
            # What has not gone back can go back still: it is no worse than before the undo.
            move_to(None, handover, Handover.State.DONE, counts=counts_of(handover.pk))
