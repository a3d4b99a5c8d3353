"""Timers: each runs once, in its tenant, with its effects or not at all, and never in spite of a change of mind."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction

from guanxi.common import clock
from guanxi.jobs.models import Job
from guanxi.tenancy import TenantRef, current_tenant, public_scope, tenant_scope
from guanxi.timers import cancel_timer, defer, forget_tenant, on_due, payload_of, run_due, set_timer
from guanxi.timers import registry as timer_registry
from guanxi.timers.models import Due
from guanxi.timers.services import LEASE, MAX_ATTEMPTS, retry_dead

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_handlers(alpha: TenantRef, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test registers its handlers in a registry of its own, and begins with nothing due."""
    monkeypatch.setattr(timer_registry, "_handlers", {})
    Due.objects.all().delete()
    with clock.at(NOON):
        yield


def note(kind: str) -> list[tuple[str, int]]:
    """Register a handler that leaves a row behind and notes where it ran."""
    calls: list[tuple[str, int]] = []

    @on_due(kind)
    def handler(ref_id: int) -> None:
        tenant = current_tenant()
        calls.append((tenant.slug if tenant else "public", ref_id))
        if tenant is not None:
            Job.objects.create(kind=f"from timer {ref_id}")

    return calls


def test_runs_what_is_due_oldest_first_and_once(alpha: TenantRef, beta: TenantRef) -> None:
    calls = note("reminder")
    set_timer("reminder", 1, NOON - timedelta(minutes=1))
    set_timer("reminder", 2, NOON - timedelta(minutes=2))
    set_timer("reminder", 3, NOON + timedelta(minutes=1))
    with tenant_scope(beta):
        set_timer("reminder", 1, NOON - timedelta(minutes=3))
    assert run_due() == 3
    assert calls == [(beta.slug, 1), ("alpha", 2), ("alpha", 1)]
    assert run_due() == 0
    assert Job.objects.count() == 2
    with clock.at(NOON + timedelta(minutes=2)):
        assert run_due() == 1


def test_setting_again_moves_and_cancelling_removes(alpha: TenantRef) -> None:
    calls = note("reminder")
    set_timer("reminder", 1, NOON)
    set_timer("reminder", 1, NOON + timedelta(hours=1))
    set_timer("reminder", 2, NOON)
    assert cancel_timer("reminder", 2) is True
    assert cancel_timer("reminder", 2) is False
    assert run_due() == 0 and calls == []
    assert Due.objects.count() == 1


def test_cancelling_leaves_the_other_tenants_timer(alpha: TenantRef, beta: TenantRef) -> None:
    set_timer("reminder", 1, NOON)
    with tenant_scope(beta):
        assert cancel_timer("reminder", 1) is False
    assert Due.objects.count() == 1


def test_a_timer_falls_with_its_transaction(alpha: TenantRef) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        set_timer("reminder", 1, NOON)
        raise ZeroDivisionError
    assert not Due.objects.exists()


def test_a_failure_undoes_its_effects_backs_off_and_ends_dead(alpha: TenantRef) -> None:
    tries = []

    @on_due("fragile")
    def handler(ref_id: int) -> None:
        Job.objects.create(kind="half done")
        tries.append(clock.now())
        raise ValueError("broken")

    good = note("reminder")
    set_timer("fragile", 1, NOON)
    set_timer("reminder", 1, NOON)
    run_due()
    assert good == [("alpha", 1)], "one failure does not stop the others"
    assert not Job.objects.filter(kind="half done").exists()
    moment = NOON
    while Due.objects.get().state == Due.State.WAITING:
        moment += timedelta(seconds=1)
        moment = max(moment, Due.objects.get().at)
        with clock.at(moment):
            run_due()
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(tries)]
    assert len(tries) == MAX_ATTEMPTS and pauses == sorted(pauses) and pauses[0] >= 5
    dead = Due.objects.get()
    assert "ValueError: broken" in dead.error
    with clock.at(moment + timedelta(days=1)):
        assert run_due() == 0
        assert retry_dead(due_id=dead.pk)
        assert run_due() == 1


def test_a_kind_nobody_handles_stays(alpha: TenantRef) -> None:
    set_timer("from a newer release", 1, NOON)
    run_due()
    assert "no handler" in Due.objects.get().error


def test_a_handler_may_set_itself_again(alpha: TenantRef) -> None:
    @on_due("hourly")
    def handler(ref_id: int) -> None:
        set_timer("hourly", ref_id, clock.now() + timedelta(hours=1))

    set_timer("hourly", 1, NOON)
    assert run_due() == 1
    assert run_due() == 0
    assert Due.objects.get().at == NOON + timedelta(hours=1)


def in_other_connection(tenant: TenantRef, work: Any, *args: Any) -> None:
    """Do something as another process would: on a connection of its own."""

    def run() -> None:
        try:
            with clock.at(NOON), tenant_scope(tenant):
                work(*args)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=10)
    assert not thread.is_alive(), "the other side was blocked"


@pytest.mark.committed
@pytest.mark.parametrize("change", ["cancel", "move"])
def test_a_change_of_mind_while_the_handler_runs_wins(alpha: TenantRef, change: str) -> None:
    @on_due("reminder")
    def handler(ref_id: int) -> None:
        Job.objects.create(kind="effect")
        if change == "cancel":
            in_other_connection(alpha, cancel_timer, "reminder", ref_id)
        else:
            in_other_connection(alpha, set_timer, "reminder", ref_id, NOON + timedelta(hours=1))

    set_timer("reminder", 1, NOON)
    run_due()
    assert not Job.objects.exists(), "the effects of a moment that was taken back are undone"
    assert [due.at for due in Due.objects.all()] == ([] if change == "cancel" else [NOON + timedelta(hours=1)])


def test_a_killed_relays_timer_comes_back_and_two_relays_share(alpha: TenantRef) -> None:
    calls = note("reminder")
    set_timer("reminder", 1, NOON)
    Due.objects.update(leased_until=NOON + LEASE)
    assert run_due() == 0, "another relay is at it"
    with clock.at(NOON + LEASE + timedelta(seconds=1)):
        assert run_due() == 1
    assert calls == [("alpha", 1)]


@pytest.mark.committed
def test_many_relays_at_once_run_each_timer_once(alpha: TenantRef) -> None:
    calls = note("reminder")
    for ref_id in range(60):
        set_timer("reminder", ref_id, NOON)

    def relay() -> None:
        try:
            with clock.at(NOON):
                while run_due(limit=7):
                    pass
        finally:
            connection.close()

    threads = [threading.Thread(target=relay) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(ref_id for _, ref_id in calls) == list(range(60))
    assert Job.objects.count() == 60 and not Due.objects.exists()


def test_a_tenant_that_is_gone_takes_its_timers_along(alpha: TenantRef) -> None:
    calls = note("reminder")
    with tenant_scope(TenantRef(999, "t_gone", "gone")):
        set_timer("reminder", 1, NOON)
        set_timer("reminder", 2, NOON + timedelta(days=1))
    run_due()
    assert calls == []
    assert forget_tenant("t_gone") == 1 and not Due.objects.exists()


def test_deferred_work_keeps_its_payload_until_done(alpha: TenantRef) -> None:
    seen = []

    @on_due("mail")
    def handler(ref_id: int) -> None:
        seen.append((current_tenant(), payload_of("mail", ref_id)))

    with public_scope():
        public_id = defer("mail", {"n": 1})
    own_id = defer("mail", {"n": 2}, at=NOON)
    assert payload_of("mail", own_id) == {"n": 2}
    assert payload_of("mail", public_id) is None, "another level's payload"
    assert run_due() == 2
    assert sorted(seen, key=str) == sorted([(None, {"n": 1}), (alpha, {"n": 2})], key=str)
    assert payload_of("mail", own_id) is None
