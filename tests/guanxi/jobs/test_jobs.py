"""Job rows: their states, who may see them, what is told of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Conflict, NotFound
from guanxi.events.models import OutboxEvent
from guanxi.jobs import Job, JobCancelled, create_job, daily
from guanxi.jobs import registry as job_registry
from guanxi.jobs.api import router
from guanxi.jobs.celery_settings import TIME_LIMIT, VISIBILITY_TIMEOUT, celery_settings
from guanxi.jobs.services import LOST_AFTER, MAX_ATTEMPTS, access_job, cancel_job, claim_job, retry_job, watch_job
from guanxi.jobs.tasks import run_tenant_daily
from guanxi.tenancy import TenantRef, tenant_scope
from guanxi.timers import run_due
from guanxi.timers.models import Due
from tests.guanxi.kernel_client import KernelClient, body, member

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon(alpha: TenantRef) -> Iterator[None]:
    """Stand at noon, with nothing due and nothing told."""
    Due.objects.all().delete()
    OutboxEvent.objects.all().delete()
    with clock.at(NOON):
        yield


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know a kind of job; no worker runs, so its jobs stay queued."""
    monkeypatch.setitem(job_registry._runners, "export", lambda job: None)


def make(tenant: TenantRef, member_id: int = 1, kind: str = "export") -> Job:
    return create_job(actor=member(tenant, member_id), kind=kind, params={"ids": [1]})


def test_a_new_job_is_queued_watched_and_told_to_its_member(alpha: TenantRef, runner: None) -> None:
    job = make(alpha)
    assert (job.state, job.member_id, job.created_at) == ("queued", 1, NOON)
    event = OutboxEvent.objects.get()
    assert event.kind == "job.created" and event.audience and event.audience["member_ids"] == [1]
    assert Due.objects.get().at == NOON + timedelta(seconds=60)


def test_a_job_without_a_runner_is_its_callers(alpha: TenantRef) -> None:
    job = make(alpha, kind="own")
    assert not Due.objects.exists()
    job.advance(1, 2)
    assert Job.objects.get().state == Job.State.RUNNING
    job.finish(result={"file": 1})
    stored = Job.objects.get()
    assert (stored.state, stored.done, stored.total, stored.result, stored.finished_at) == (
        "succeeded",
        2,
        2,
        {"file": 1},
        NOON,
    )
    job.fail("too_late")
    assert Job.objects.get().state == Job.State.SUCCEEDED, "what has ended stays"


def test_progress_is_told_at_most_once_a_second(alpha: TenantRef) -> None:
    job = make(alpha, kind="own")
    for step in range(1, 31):
        with clock.at(NOON + timedelta(milliseconds=100 * step)):
            job.advance(step, 100)
    assert Job.objects.get().done == 30
    assert OutboxEvent.objects.filter(kind="job.progressed").count() == 3


def test_only_one_worker_gets_a_job_until_it_is_lost(alpha: TenantRef, runner: None) -> None:
    job = make(alpha)
    first = claim_job(job.pk)
    assert first is not None and claim_job(job.pk) is None
    with clock.at(NOON + LOST_AFTER + timedelta(seconds=1)):
        second = claim_job(job.pk)
        assert second is not None and second.attempts == 2
        with pytest.raises(JobCancelled):
            first.advance(1, 2)
        first.finish()
        assert Job.objects.get().state == Job.State.RUNNING, "the lost worker cannot end what is no longer its own"
        second.finish()
    assert Job.objects.get().state == Job.State.SUCCEEDED
    assert claim_job(job.pk) is None


def test_a_job_that_keeps_losing_its_worker_fails(alpha: TenantRef, runner: None) -> None:
    job = make(alpha)
    moment = NOON
    for _ in range(MAX_ATTEMPTS):
        moment += LOST_AFTER + timedelta(seconds=1)
        with clock.at(moment):
            assert claim_job(job.pk) is not None
    with clock.at(moment + LOST_AFTER + timedelta(seconds=1)):
        assert run_due() == 1
    stored = Job.objects.get()
    assert (stored.state, stored.message_code) == ("failed", "job_lost")
    with transaction.atomic():
        watch_job(job.pk)
    assert not Due.objects.exists()


def test_cancel_and_start_again(alpha: TenantRef, runner: None) -> None:
    job = make(alpha)
    actor = member(alpha, 1)
    assert cancel_job(actor=actor, job_id=job.pk).state == Job.State.CANCELLED
    assert claim_job(job.pk) is None
    with pytest.raises(Conflict):
        cancel_job(actor=actor, job_id=job.pk)
    again = retry_job(actor=actor, job_id=job.pk)
    assert (again.state, again.cancel_requested_at, again.message_code) == ("queued", None, "")
    with pytest.raises(Conflict):
        retry_job(actor=actor, job_id=job.pk)


def test_each_sees_the_own_jobs(alpha: TenantRef, beta: TenantRef) -> None:
    mine, theirs = make(alpha, 1), make(alpha, 2)
    assert access_job(member(alpha, 1), mine.pk) == mine
    assert access_job(member(alpha, 9, "job.read"), theirs.pk) == theirs
    for actor in (member(alpha, 1), member(alpha, 3)):
        with pytest.raises(NotFound):
            access_job(actor, theirs.pk)
    with tenant_scope(beta), pytest.raises(NotFound):
        access_job(Actor.system("test"), mine.pk)


def test_api(alpha: TenantRef, runner: None) -> None:
    mine, theirs = make(alpha, 1), make(alpha, 2)
    client = KernelClient(router, member(alpha, 1))
    assert [job["id"] for job in body(client.get("/jobs"))["items"]] == [mine.pk]
    assert [job["id"] for job in body(client.get("/jobs?everyones=true"))["items"]] == [mine.pk]
    boss = KernelClient(router, member(alpha, 9, "job.read"))
    assert [job["id"] for job in body(boss.get("/jobs?everyones=true&kind=export"))["items"]] == [theirs.pk, mine.pk]
    assert body(client.get(f"/jobs/{mine.pk}"))["state"] == "queued"
    body(client.get(f"/jobs/{theirs.pk}"), 404)
    body(client.post(f"/jobs/{theirs.pk}/cancel"), 404)
    assert body(client.post(f"/jobs/{mine.pk}/cancel"))["state"] == "cancelled"
    assert body(client.post(f"/jobs/{mine.pk}/cancel"), 409)["code"] == "job_finished"
    assert [job["id"] for job in body(client.get("/jobs?state=cancelled"))["items"]] == [mine.pk]
    assert body(client.post(f"/jobs/{mine.pk}/retry"))["state"] == "queued"
    body(KernelClient(router, None).get("/jobs"), 401)


def test_a_failing_chore_does_not_stop_the_others(alpha: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_registry, "_daily", {})
    done = []
    daily("a")(lambda: 1 / 0)
    daily("b")(lambda: done.append("b"))
    daily("c", public=True)(lambda: done.append("c"))
    run_tenant_daily()
    assert done == ["b"]


def test_an_ordinary_task_ends_before_it_could_be_delivered_twice() -> None:
    values = celery_settings("redis://127.0.0.1:6379/0")
    assert values["broker_transport_options"]["visibility_timeout"] == VISIBILITY_TIMEOUT > 2 * TIME_LIMIT
    assert values["broker_transport_options"]["unacked_restore_interval"] == 2
    assert values["broker_transport_options"]["unacked_restore_throttle"] == 1
    assert (
        values["task_acks_late"] and values["task_reject_on_worker_lost"] and values["worker_prefetch_multiplier"] == 1
    )
