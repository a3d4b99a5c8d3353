"""Numbers: one each, in the order of the commits, without gaps even where transactions fail."""

import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from guanxi.access import Actor, ActorKind, Grant, Scope
from guanxi.common import clock
from guanxi.events.types import Audience, Event
from guanxi.realtime.audiences import admits
from guanxi.realtime.models import LiveEvent
from guanxi.realtime.numbering import number_event
from guanxi.realtime.selectors import events_after, last_seq
from guanxi.realtime.services import KEEP_EVENTS, prune_live_events
from guanxi.tenancy import TenantRef, tenant_scope
from tests.guanxi.kernel_client import member
from tests.guanxi.realtime.conftest import Tell

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HERE = TenantRef(1, "t_x", "x")


def happened(tenant: TenantRef, number: int = 1) -> Event:
    return Event(number, "lead.created", tenant, "lead", number, clock.now(), {"n": number})


def test_only_what_somebody_may_hear_gets_a_number(alpha: TenantRef) -> None:
    before = last_seq()
    number_event(happened(alpha), None)
    number_event(Event(1, "plan.changed", None, "plan", 1, NOON), Audience(everyone=True))
    assert last_seq() == before
    number_event(happened(alpha, 5), Audience(member_ids=(1,)))
    row = LiveEvent.objects.get(seq=before + 1)
    assert (row.kind, row.record_kind, row.record_id, row.data, row.audience["member_ids"]) == (
        "lead.created",
        "lead",
        5,
        {"n": 5},
        [1],
    )


def test_tenants_count_apart(alpha: TenantRef, beta: TenantRef, tell: Tell) -> None:
    before = last_seq()
    assert tell("a", "b", "c") == before + 3
    with tenant_scope(beta):
        other = last_seq()
        assert tell("a") == other + 1


@pytest.mark.committed
def test_many_workers_and_failing_transactions_leave_no_gap(alpha: TenantRef) -> None:
    before = last_seq()
    chance = random.Random(7)

    def work(plan: list[bool]) -> None:
        try:
            with tenant_scope(alpha):
                for fails in plan:
                    try:
                        with transaction.atomic():
                            number_event(happened(alpha), Audience(everyone=True))
                            if fails:
                                raise ZeroDivisionError
                    except ZeroDivisionError:
                        pass
        finally:
            connection.close()

    plans = [[chance.random() < 0.3 for _ in range(40)] for _ in range(4)]
    threads = [threading.Thread(target=work, args=(plan,)) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    good = sum(not fails for plan in plans for fails in plan)
    assert [message.seq for message in events_after(before, 1000)] == list(range(before + 1, before + good + 1))
    assert last_seq() == before + good


def test_pruning_keeps_a_week_the_newest_thousand_and_never_leaves_a_hole(alpha: TenantRef) -> None:
    LiveEvent.objects.all().delete()
    start = last_seq()

    def events(count: int, age: timedelta) -> None:
        for _ in range(count):
            with clock.at(NOON - age):
                number_event(happened(alpha), Audience(everyone=True))

    with clock.at(NOON):
        events(30, timedelta(days=20))
        events(1, timedelta(days=1))
        events(20, timedelta(days=20))
        events(KEEP_EVENTS, timedelta(days=9))
        assert prune_live_events() == 51
        assert prune_live_events() == 0
    kept = list(LiveEvent.objects.order_by("seq").values_list("seq", flat=True))
    assert kept == list(range(start + 52, start + 52 + KEEP_EVENTS))


@pytest.mark.parametrize(
    ("audience", "heard"),
    [
        (Audience(), False),
        (Audience(everyone=True), True),
        (Audience(everyone=True, permission="lead.read"), True),
        (Audience(everyone=True, permission="deal.read"), False),
        (Audience(member_ids=(7, 8)), True),
        (Audience(member_ids=(8,)), False),
        (Audience(owner_id=7), True),
        (Audience(owner_id=8), False),
        (Audience(owner_id=7, permission="lead.read"), True),
        (Audience(owner_id=8, department_path="/1/", permission="lead.read"), False),
        # Whoever is named hears of it whatever the scope, but never of what the roles do not show at all.
        (Audience(owner_id=8, permission="lead.read", member_ids=(7,)), True),
        (Audience(owner_id=8, permission="deal.read", member_ids=(7,)), False),
    ],
)
def test_who_hears_what(audience: Audience, heard: bool) -> None:
    assert admits(member(HERE, 7, "lead.read", scope=Scope.SELF), audience) is heard


@given(
    scope=st.sampled_from(Scope),
    owner=st.sampled_from([None, 7, 8, 9]),
    path=st.sampled_from(["", "/1/", "/1/4/", "/2/"]),
    member_id=st.sampled_from([None, 7]),
)
def test_an_event_of_a_record_is_heard_exactly_within_the_roles_reach(
    scope: Scope, owner: int | None, path: str, member_id: int | None
) -> None:
    from guanxi.access import in_scope

    grant = Grant(scope, frozenset({"/2/"}))
    actor = Actor(
        ActorKind.MEMBER,
        HERE,
        member_id=member_id,
        grants={"lead.read": frozenset({grant})},
        department_path="/1/",
        subordinate_ids=frozenset({8}),
    )
    audience = Audience(owner_id=owner, department_path=path, permission="lead.read")
    assert admits(actor, audience) is in_scope(actor, "lead.read", owner_id=owner, department_path=path)
