"""Tasks and jobs through real workers: the tenant arrives, a kill loses nothing, a job goes on where it stopped."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from celery import Celery
from django.db import transaction

from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.redis import client
from guanxi.config.worker import app
from guanxi.events.models import OutboxEvent
from guanxi.jobs import Job, TenantTask, create_job, enqueue
from guanxi.jobs.celery_settings import celery_settings
from guanxi.jobs.publishing import UNSENT
from guanxi.jobs.services import LOST_AFTER, cancel_job
from guanxi.tenancy import TenantRef, public_scope, tenant_scope
from guanxi.timers import run_due
from guanxi.timers.models import Due
from tests.guanxi.jobs import worker_tasks
from tests.guanxi.jobs.workers import kill, wait_for, worker

pytestmark = [pytest.mark.slow, pytest.mark.committed]


def traces() -> list[str]:
    return sorted(line.decode() for line in cast(list[bytes], client().lrange("kernel-test:trace", 0, -1)))


@pytest.fixture(autouse=True)
def empty_queue(alpha: TenantRef) -> Iterator[None]:
    """Begin and end with nothing queued and nothing due."""
    Due.objects.all().delete()
    app.control.purge()
    client().delete("kernel-test:trace")
    yield
    app.control.purge()


def test_the_tenant_travels_with_the_task(alpha: TenantRef, beta: TenantRef, tmp_path: Path) -> None:
    enqueue(worker_tasks.where, 1)
    with tenant_scope(beta), transaction.atomic():
        enqueue(worker_tasks.chained, 2)
        assert app.connection_for_read().default_channel.client.llen("gx") == 1, "nothing is sent before the commit"
    with public_scope():
        enqueue(worker_tasks.where, 3)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue(worker_tasks.where, 4)
        raise ZeroDivisionError
    with tenant_scope(TenantRef(999, "t_gone", "gone")):
        worker_tasks.where.delay(5)
    with worker(tmp_path / "log", pool="threads", concurrency=3):
        wait_for(lambda: len(traces()) == 3, what="three traces")
        enqueue(worker_tasks.where, 6)
        wait_for(lambda: len(traces()) == 4, what="the last trace")
    assert traces() == [
        f"1 alpha {alpha.schema}",
        f"2 {beta.slug} {beta.schema}",
        "3 public public",
        f"6 alpha {alpha.schema}",
    ]


def test_a_killed_process_gives_its_task_back(alpha: TenantRef, tmp_path: Path) -> None:
    client().delete("kernel-test:killed:1")
    with worker(tmp_path / "log"):
        enqueue(worker_tasks.kill_first, 1)
        wait_for(traces, what="the second run")
    assert traces() == [f"1 alpha {alpha.schema}"]


def test_a_job_runs_to_its_end(alpha: TenantRef, tmp_path: Path) -> None:
    jobs = {
        params: create_job(actor=Actor.system("test"), kind="kernel_test.count", params={params: 1})
        for params in ("plain", "refuse", "explode")
    }
    with worker(tmp_path / "log", pool="threads", concurrency=2):
        wait_for(lambda: all(job.is_finished for job in Job.objects.all()), what="three jobs")
    for job in jobs.values():
        job.refresh_from_db()
    plain, refused, exploded = jobs["plain"], jobs["refuse"], jobs["explode"]
    assert (plain.state, plain.message_code, plain.message_params, plain.result) == (
        "succeeded",
        "counted",
        {"n": 6},
        {"sum": 15},
    )
    assert (plain.done, plain.total, plain.attempts) == (6, 6, 1) and plain.started_at and plain.finished_at
    assert (refused.state, refused.message_code, refused.message_params) == ("failed", "too_many_rows", {"rows": 9})
    assert (exploded.state, exploded.message_code, exploded.message_params) == ("failed", "job_failed", {})
    assert not Due.objects.exists(), "nobody watches a finished job"
    kinds = list(
        OutboxEvent.objects.filter(aggregate_kind="job", aggregate_id=plain.pk)
        .order_by("id")
        .values_list("kind", flat=True)
    )
    assert (kinds[0], kinds[1], kinds[-1]) == ("job.created", "job.started", "job.succeeded")


def test_a_job_goes_on_where_its_killed_worker_stopped(alpha: TenantRef, tmp_path: Path) -> None:
    job = create_job(actor=Actor.system("test"), kind="kernel_test.count", params={"pause": 0.3})
    with worker(tmp_path / "log", pool="threads") as first:
        wait_for(lambda: len(traces()) >= 3, what="three steps")
        kill(first)
    job.refresh_from_db()
    reached = job.checkpoint["next"]
    assert job.state == Job.State.RUNNING and 0 < reached < 6
    with clock.at(clock.now() + LOST_AFTER + timedelta(seconds=5)):
        run_due()
    Job.objects.update(heartbeat_at=clock.now() - LOST_AFTER - timedelta(seconds=1))
    with worker(tmp_path / "log2", pool="threads"):
        wait_for(lambda: Job.objects.get().is_finished, what="the end of the job")
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("succeeded", 2)
    again = traces()
    assert [again.count(f"step {step}") for step in range(6) if step != reached] == [1] * 5, (
        "no step that was noted is done again"
    )


def test_a_running_job_is_not_taken_by_a_second_delivery(alpha: TenantRef, tmp_path: Path) -> None:
    job = create_job(actor=Actor.system("test"), kind="kernel_test.count", params={"pause": 0.2})
    with worker(tmp_path / "log", pool="threads", concurrency=2):
        wait_for(traces, what="the first step")
        app.tasks["guanxi.jobs.run_job"].delay(job.pk)
        wait_for(lambda: Job.objects.get().is_finished, what="the end of the job")
    assert traces() == [f"step {step}" for step in range(6)]


def test_a_running_job_stops_when_asked(alpha: TenantRef, tmp_path: Path) -> None:
    job = create_job(actor=Actor.system("test"), kind="kernel_test.count", params={"pause": 0.3})
    with worker(tmp_path / "log", pool="threads"):
        wait_for(traces, what="the first step")
        cancel_job(actor=Actor.system("test"), job_id=job.pk)
        wait_for(lambda: Job.objects.get().is_finished, what="the end of the job")
    job.refresh_from_db()
    assert (job.state, job.message_code) == ("cancelled", "job_cancelled") and job.done < 6


def test_a_task_waits_in_the_database_while_the_broker_is_away(alpha: TenantRef, tmp_path: Path) -> None:
    cut_off = Celery("cut off", set_as_current=False)
    cut_off.conf.update(celery_settings("redis://127.0.0.1:1/0"))

    @cut_off.task(base=TenantTask, name=worker_tasks.where.name)  # type: ignore[untyped-decorator]
    def where(number: int) -> None:
        raise AssertionError("only ever sent")

    enqueue(where, 1)
    kept = Due.objects.get(kind=UNSENT)
    assert kept.payload == {"task": "kernel_test.where", "args": [1]}
    with clock.at(kept.at):
        run_due()
    assert not Due.objects.exists()
    with worker(tmp_path / "log", pool="threads"):
        wait_for(traces, what="the task")
    assert traces() == [f"1 alpha {alpha.schema}"]
