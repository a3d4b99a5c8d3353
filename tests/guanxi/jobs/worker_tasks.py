"""Tasks and a runner that the tests' workers know; each leaves its traces in the database."""

import os
import signal
import time

from celery import shared_task
from django.db import connection

from guanxi.common.errors import Invalid
from guanxi.common.redis import client
from guanxi.jobs import Job, TenantTask, enqueue, job_runner
from guanxi.tenancy import current_tenant

STEPS = 6


def trace(text: str) -> None:
    """Leave a line behind, outside of any transaction."""
    client().rpush("kernel-test:trace", text)


@shared_task(base=TenantTask, name="kernel_test.where")  # type: ignore[untyped-decorator]
def where(number: int) -> None:
    """Tell which tenant and which schema the task found."""
    tenant = current_tenant()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        trace(f"{number} {tenant.slug if tenant else 'public'} {cursor.fetchone()[0]}")


@shared_task(base=TenantTask, name="kernel_test.chained")  # type: ignore[untyped-decorator]
def chained(number: int) -> None:
    """Send another task from inside of a worker."""
    enqueue(where, number)


@shared_task(base=TenantTask, name="kernel_test.kill_first")  # type: ignore[untyped-decorator]
def kill_first(number: int) -> None:
    """Kill the process that runs the task, the first time."""
    if client().set(f"kernel-test:killed:{number}", "1", nx=True):
        os.kill(os.getpid(), signal.SIGKILL)
    where.run(number)


@job_runner("kernel_test.count")
def count(job: Job) -> None:
    """Count in steps, each noted; `pause` makes it slow, `refuse` lets it fail, `explode` lets it fail badly."""
    start = job.checkpoint.get("next", 0)
    for step in range(start, STEPS):
        trace(f"step {step}")
        job.advance(step + 1, STEPS, checkpoint={"next": step + 1})
        time.sleep(job.params.get("pause", 0))
    if job.params.get("refuse"):
        raise Invalid("too_many_rows", "There are too many rows.", params={"rows": 9})
    if job.params.get("explode"):
        raise ValueError("secret detail")
    job.finish(message_code="counted", message_params={"n": STEPS}, result={"sum": 15})
