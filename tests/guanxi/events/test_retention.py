"""What is done is forgotten in its time, in batches; what needs a person stays."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from guanxi.common import clock
from guanxi.events.models import EventDelivery, OutboxEvent
from guanxi.events.services import KEEP_DONE, forget_done_events
from guanxi.http.idempotency import LIFE, forget_old_keys
from guanxi.http.models import IdempotencyRecord
from guanxi.jobs.registry import daily_chores
from guanxi.tenancy import TenantRef, public_scope, tenant_scope

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def nothing_before(alpha: TenantRef) -> None:
    """Begin with an empty outbox."""
    EventDelivery.objects.all().delete()
    OutboxEvent.objects.all().delete()


def _event(state: str, done_at: datetime | None) -> OutboxEvent:
    event = OutboxEvent.objects.create(
        tenant_schema="t", kind="k", aggregate_kind="a", aggregate_id=1, state=state, done_at=done_at,
        occurred_at=NOON - 90 * DAY,
    )  # fmt: skip
    EventDelivery.objects.create(event=event, subscriber="s")
    return event


def test_done_events_go_after_a_month_with_their_deliveries() -> None:
    old = [_event("done", NOON - KEEP_DONE - DAY) for _ in range(7)]
    kept = [_event("done", NOON - KEEP_DONE + DAY), _event("dead", None), _event("pending", None)]
    with clock.at(NOON):
        assert forget_done_events(limit=3) == len(old)
    assert set(OutboxEvent.objects.values_list("pk", flat=True)) == {event.pk for event in kept}
    assert set(EventDelivery.objects.values_list("event_id", flat=True)) == {event.pk for event in kept}
    with clock.at(NOON + KEEP_DONE):
        assert forget_done_events() == 1
    assert OutboxEvent.objects.count() == 2


def test_the_search_for_old_events_is_served_by_an_index() -> None:
    old = OutboxEvent.objects.filter(state="done", done_at__lt=NOON).order_by("done_at").values_list("pk")[:10]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "outbox_done" in old.explain()


def test_keys_are_forgotten_after_their_life_in_their_own_workspace(alpha: TenantRef, beta: TenantRef) -> None:
    for tenant in (alpha, beta):
        with tenant_scope(tenant):
            for number, age in enumerate((LIFE + DAY, LIFE + DAY, LIFE - DAY)):
                IdempotencyRecord.objects.create(
                    caller="c", key=str(number), route="/", body_digest="", created_at=NOON - age
                )
    with clock.at(NOON):
        assert forget_old_keys(limit=1) == 2
    assert list(IdempotencyRecord.objects.values_list("key", flat=True)) == ["2"]
    with tenant_scope(beta):
        assert IdempotencyRecord.objects.count() == 3
    old = IdempotencyRecord.objects.filter(created_at__lt=NOON).order_by("created_at").values_list("pk")[:10]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "idempotency_age" in old.explain()


def test_the_night_does_both() -> None:
    _event("done", NOON - KEEP_DONE - DAY)
    IdempotencyRecord.objects.create(caller="c", key="k", route="/", body_digest="", created_at=NOON - LIFE - DAY)
    of_the_platform = {chore.name: chore.run for chore in daily_chores(public=True)}
    of_a_tenant = {chore.name: chore.run for chore in daily_chores(public=False)}
    with clock.at(NOON):
        with public_scope():
            assert of_the_platform["events.prune"]() == 1
        assert of_a_tenant["http.prune_keys"]() == 1
