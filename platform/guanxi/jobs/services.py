"""The life of a job: created, taken by a worker, advanced, ended."""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction

from guanxi.access import Actor, allows
from guanxi.common import clock
from guanxi.common.errors import Conflict, NotFound
from guanxi.common.ids import new_token
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.jobs.models import FINISHED, Job
from guanxi.jobs.publishing import enqueue
from guanxi.jobs.registry import runner_of
from guanxi.timers import cancel_timer, on_due, set_timer

log = logging.getLogger(__name__)
WATCH = "jobs.watch"
WATCH_EVERY = timedelta(seconds=60)
# A run that has not given a sign of life for so long is lost, and another worker may take it over.
LOST_AFTER = timedelta(seconds=60)
MAX_ATTEMPTS = 3
TELL_EVERY = timedelta(seconds=1)


class JobCancelled(Exception):
    """Somebody asked to stop the job, or another worker has taken it over."""


def create_job(*, actor: Actor, kind: str, params: dict[str, Any]) -> Job:
    """Create a job, and let a worker run it when a runner of its kind is registered (else the caller enqueues a task
    of its own).
    """
    with transaction.atomic():
        job = Job.objects.create(kind=kind, params=params, member_id=actor.member_id)
        _tell(job, "job.created", actor=actor)
        if runner_of(kind) is not None:
            _send(job.pk)
            set_timer(WATCH, job.pk, clock.now() + WATCH_EVERY)
    return job


def access_job(actor: Actor, job_id: int) -> Job:
    """Return a job that the actor may see: its own, or any for those with `job.read`."""
    job = Job.objects.filter(pk=job_id).first()
    if job is None or not (
        allows(actor, "job.read") or (job.member_id is not None and job.member_id == actor.member_id)
    ):
        raise NotFound("job", job_id)
    return job


def cancel_job(*, actor: Actor, job_id: int) -> Job:
    """Ask a job to stop: at once while it waits, at its next step while it runs."""
    access_job(actor, job_id)
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if job.state in FINISHED:
            raise Conflict("job_finished", "The job has ended already.")
        job.cancel_requested_at = job.cancel_requested_at or clock.now()
        job.updated_at = clock.now()
        job.save(update_fields=["cancel_requested_at", "updated_at"])
        if job.state == Job.State.QUEUED:
            _end(job, Job.State.CANCELLED, code="job_cancelled")
    return job


def retry_job(*, actor: Actor, job_id: int) -> Job:
    """Start a failed or cancelled job anew, from its last checkpoint."""
    access_job(actor, job_id)
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if job.state not in {Job.State.FAILED, Job.State.CANCELLED} or runner_of(job.kind) is None:
            raise Conflict("job_not_retryable", "Only a failed or cancelled job can be started again.")
        job.state, job.attempts, job.run_token = Job.State.QUEUED, 0, ""
        job.message_code, job.message_params = "", {}
        job.cancel_requested_at = job.finished_at = job.heartbeat_at = None
        job.updated_at = clock.now()
        job.save()
        _tell(job, "job.created", actor=actor)
        _send(job.pk)
        set_timer(WATCH, job.pk, clock.now() + WATCH_EVERY)
    return job


def claim_job(job_id: int) -> Job | None:
    """Take a job for this worker, None when it has ended or another worker is at it."""
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id).first()
        if job is None or job.state in FINISHED or (job.state == Job.State.RUNNING and not _is_lost(job)):
            return None
        job.state, job.run_token, job.attempts = Job.State.RUNNING, new_token(), job.attempts + 1
        job.heartbeat_at = job.updated_at = clock.now()
        job.started_at = job.started_at or clock.now()
        job.save(update_fields=["state", "run_token", "attempts", "heartbeat_at", "updated_at", "started_at"])
        _tell(job, "job.started")
    return job


def beat(*, job: Job) -> bool:
    """Give a sign of life; return whether the job still belongs to this run."""
    return (
        Job.objects.filter(pk=job.pk, run_token=job.run_token, state=Job.State.RUNNING).update(heartbeat_at=clock.now())
        > 0
    )


def advance_job(*, job: Job, done: int, total: int | None = None, checkpoint: dict[str, Any] | None = None) -> None:
    """Note how far a job is; raise JobCancelled when it was asked to stop.

    The page hears of it at most once a second.
    """
    with transaction.atomic():
        row = Job.objects.select_for_update().get(pk=job.pk)
        if row.state in FINISHED or row.cancel_requested_at or row.run_token != job.run_token:
            raise JobCancelled
        now = clock.now()
        tell = done == total or now - row.updated_at >= TELL_EVERY
        row.done, row.heartbeat_at = done, now
        row.total = row.total if total is None else total
        row.checkpoint = row.checkpoint if checkpoint is None else checkpoint
        if row.state == Job.State.QUEUED:  # A caller's own task began without claiming the job.
            row.state, row.started_at = Job.State.RUNNING, now
        if tell:
            row.updated_at = now
            _tell(row, "job.progressed")
        row.save(update_fields=["state", "started_at", "done", "total", "checkpoint", "heartbeat_at", "updated_at"])
    job.state, job.done, job.total, job.checkpoint = row.state, row.done, row.total, row.checkpoint


def finish_job(
    *,
    job: Job,
    message_code: str = "",
    message_params: dict[str, Any] | None = None,
    result: dict[str, Any] | None = None,
    result_file_id: int | None = None,
) -> None:
    """End a job with success; a job that has ended already stays as it is."""
    with transaction.atomic():
        row = _own(job)
        if row is None:
            return
        row.result, row.result_file_id = result or {}, result_file_id
        row.done = max(row.done, row.total)
        _end(row, Job.State.SUCCEEDED, code=message_code, params=message_params)
    job.refresh_from_db()


def fail_job(*, job: Job, code: str, params: dict[str, Any] | None = None) -> None:
    """End a job with failure; a job that has ended already stays as it is."""
    with transaction.atomic():
        row = _own(job)
        if row is not None:
            _end(row, Job.State.FAILED, code=code, params=params)
    job.refresh_from_db()


def stop_job(*, job: Job) -> None:
    """End a job that its runner has stopped on request."""
    with transaction.atomic():
        row = _own(job)
        if row is not None and row.cancel_requested_at is not None:
            _end(row, Job.State.CANCELLED, code="job_cancelled")


@on_due(WATCH)
def watch_job(job_id: int) -> None:
    """Look after a job until it has ended: send it again when its message or its worker was lost."""
    job = Job.objects.select_for_update().filter(pk=job_id).first()
    if job is None or job.state in FINISHED:
        return
    if job.state == Job.State.RUNNING and _is_lost(job) and job.attempts >= MAX_ATTEMPTS:
        log.error("job %s (%s) lost its worker %s times", job.pk, job.kind, job.attempts)
        _end(job, Job.State.FAILED, code="job_lost")
        return
    if job.state == Job.State.QUEUED or _is_lost(job):
        _send(job.pk)
    set_timer(WATCH, job.pk, clock.now() + WATCH_EVERY)


def _is_lost(job: Job) -> bool:
    return job.heartbeat_at is None or clock.now() - job.heartbeat_at > LOST_AFTER


def _send(job_id: int) -> None:
    from guanxi.jobs.tasks import run_job

    enqueue(run_job, job_id)


def _own(job: Job) -> Job | None:
    # Only the run that the job belongs to may end it.
    row = Job.objects.select_for_update().get(pk=job.pk)
    return None if row.state in FINISHED or row.run_token != job.run_token else row


def _end(job: Job, state: Job.State, *, code: str, params: dict[str, Any] | None = None) -> None:
    now = clock.now()
    job.state, job.message_code, job.message_params = state, code, params or {}
    job.finished_at = job.updated_at = now
    job.save()
    cancel_timer(WATCH, job.pk)
    _tell(job, f"job.{state.value}")


def _tell(job: Job, kind: str, *, actor: Actor | None = None) -> None:
    record_event(
        kind,
        actor=actor,
        aggregate=("job", job.pk),
        data={"kind": job.kind, "state": str(job.state), "done": job.done, "total": job.total},
        audience=Audience(member_ids=(job.member_id,) if job.member_id is not None else ()),
    )
