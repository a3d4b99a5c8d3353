"""The tasks of this package: running a job, and the chores of the night."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from celery import shared_task
from django.db import connection

from guanxi.common.errors import Problem
from guanxi.jobs.base import TenantTask
from guanxi.jobs.models import Job
from guanxi.jobs.publishing import enqueue
from guanxi.jobs.registry import daily_chores, runner_of
from guanxi.jobs.services import JobCancelled, beat, claim_job, fail_job, finish_job, stop_job
from guanxi.tenancy import TenantRef, each_tenant, require_tenant, tenant_scope

log = logging.getLogger(__name__)
BEAT_SECONDS = 15.0
JOB_TIME_LIMIT = 6 * 3600


@shared_task(
    base=TenantTask, name="guanxi.jobs.run_job", time_limit=JOB_TIME_LIMIT, soft_time_limit=JOB_TIME_LIMIT - 60
)
def run_job(job_id: int) -> None:
    """Run a job to its end; a job that another worker is at, or that has ended, is left alone."""
    job = claim_job(job_id)
    if job is None:
        return
    runner = runner_of(job.kind)
    if runner is None:
        fail_job(job=job, code="job_kind_unknown")
        return
    with _heart(job, require_tenant()):
        try:
            runner(job)
        except JobCancelled:
            stop_job(job=job)
        except Problem as refusal:
            fail_job(job=job, code=refusal.code, params=refusal.params)
        except Exception:
            log.exception("job %s (%s) failed", job.pk, job.kind)
            fail_job(job=job, code="job_failed")
        else:
            finish_job(job=job, message_code=job.message_code, message_params=job.message_params, result=job.result)


@contextmanager
def _heart(job: Job, tenant: TenantRef) -> Iterator[None]:
    """Give signs of life beside the work, which may be deep in one slow step."""
    stop = threading.Event()

    def pulse() -> None:
        try:
            while not stop.wait(BEAT_SECONDS):
                with tenant_scope(tenant):
                    if not beat(job=job):
                        return
        finally:
            connection.close()

    thread = threading.Thread(target=pulse, name=f"job-{job.pk}-heart", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)


@shared_task(base=TenantTask, name="guanxi.jobs.run_daily")
def run_daily() -> None:
    """Do the platform's chores of the night and send each tenant's on its way."""
    _run_chores(public=True)
    for tenant in each_tenant():
        with tenant_scope(tenant):
            enqueue(run_tenant_daily)


@shared_task(base=TenantTask, name="guanxi.jobs.run_tenant_daily")
def run_tenant_daily() -> None:
    """Do one tenant's chores of the night."""
    _run_chores(public=False)


def _run_chores(*, public: bool) -> None:
    for chore in daily_chores(public=public):
        try:
            chore.run()
        except Exception:
            log.exception("the chore %s failed", chore.name)
