"""The webhook: only what Stripe signed just now is kept, once, and what it says is never believed."""

from __future__ import annotations

import itertools
import json
import random
from datetime import timedelta
from typing import Any

import pytest
import stripe as package
from django.test import Client, override_settings

from billing.gateways.stripe_gateway import API_VERSION
from billing.plans.types import Interval
from billing.subscriptions.models import StripeEvent, Subscription
from billing.subscriptions.services import open_checkout, work_off_event
from billing.subscriptions.services.receiving import RETRY
from billing.subscriptions.services.working import SNAPSHOT
from billing.subscriptions.types import Choice
from guanxi.access import Actor
from guanxi.audit import snapshot
from guanxi.audit.models import AuditEntry
from guanxi.common import clock
from guanxi.events.models import OutboxEvent
from guanxi.tenancy import TenantRef, public_scope
from guanxi.timers import run_due
from guanxi.timers.models import Due
from tests.billing.conftest import SECRET, Json, Webhook, row_of
from tests.fakes.stripe import FakeStripe, Fault, FaultKind
from tests.fakes.stripe import shop as shapes
from tests.fakes.stripe.pushing import body_of, sign
from tests.world import TENANTS

CHOICE = Choice(plan="team", interval=Interval.MONTH, currency="CNY", seats=9)


@pytest.fixture
def customer(owner: Actor, stripe: FakeStripe) -> str:
    """The customer at Stripe that alpha became when its owner opened a page."""
    open_checkout(actor=owner, choice=CHOICE)
    return next(iter(stripe.shop.customers))


@pytest.fixture
def bought(customer: str, stripe: FakeStripe) -> str:
    """A paid subscription of which nobody has told us yet."""
    page = next(iter(stripe.shop.pages))
    return str(stripe.shop.pay(page, shapes.CARD_PAID)["subscription"])


def told(stripe: FakeStripe) -> list[Json]:
    return [each for each in stripe.shop.events.values() if each["type"].startswith("customer.subscription")]


def kept() -> list[str]:
    with public_scope():
        return list(StripeEvent.objects.values_list("event_id", flat=True))


def test_package_code_and_stand_in_speak_one_version() -> None:
    assert package.api_version == API_VERSION == shapes.API_VERSION


def test_a_signed_event_is_kept_once(bought: str, stripe: FakeStripe, webhook: Webhook) -> None:
    event = told(stripe)[0]
    for _ in range(3):
        assert webhook.send(event).status_code == 200
    assert kept() == [event["id"]]
    with public_scope():
        assert Due.objects.filter(kind=RETRY).count() == 1


@pytest.mark.parametrize("age", [-301, 301, -86_400, 86_400])
def test_too_old_and_from_the_future(bought: str, stripe: FakeStripe, webhook: Webhook, age: int) -> None:
    body = body_of(told(stripe)[0])
    at = int(clock.now().timestamp()) + age
    assert webhook.post(body, sign(body, SECRET, at=at)).status_code == 400
    assert kept() == []


@pytest.mark.parametrize("age", [-290, 290])
def test_inside_the_window(bought: str, stripe: FakeStripe, webhook: Webhook, age: int) -> None:
    body = body_of(told(stripe)[0])
    assert webhook.post(body, sign(body, SECRET, at=int(clock.now().timestamp()) + age)).status_code == 200


def _forged(body: bytes) -> dict[str, tuple[bytes, str]]:
    good = sign(body, SECRET)
    tampered = body.replace(b'"active"', b'"paused"')
    assert tampered != body
    return {
        "other words": (tampered, good),
        "one byte more": (body + b" ", good),
        "another secret": (body, sign(body, "whsec_other")),
        "no signature": (body, ""),
        "only a time": (body, good.partition(",")[0]),
        "another scheme": (body, good.replace("v1=", "v0=")),
        "no time": (body, good.partition(",")[2]),
        "moved time": (body, good.replace("t=1", "t=2", 1)),
        "not a number": (body, "t=soon,v1=00"),
        "signs beyond ASCII": (body, good[:-1] + "é"),
        "not text": (b"\xff\xfe", sign(b"\xff\xfe", SECRET)),
        "no JSON": (b"{", sign(b"{", SECRET)),
        "no object": (b"[]", sign(b"[]", SECRET)),
        "no id": (b'{"type": "x"}', sign(b'{"type": "x"}', SECRET)),
    }


def test_whatever_is_wrong_is_refused_alike(bought: str, stripe: FakeStripe, webhook: Webhook) -> None:
    for what, (body, signature) in _forged(body_of(told(stripe)[0])).items():
        answer = webhook.post(body, signature)
        assert (answer.status_code, answer.content) == (400, b"refused"), what
    assert kept() == []


def test_where_it_answers(bought: str, stripe: FakeStripe, webhook: Webhook) -> None:
    body = body_of(told(stripe)[0])
    workspace = Client(SERVER_NAME=f"{TENANTS['alpha']}.localhost")
    headers = {"Stripe-Signature": sign(body, SECRET)}
    answer = workspace.post("/stripe/webhook", body, content_type="application/json", headers=headers)
    assert answer.status_code == 404
    assert webhook.client.get("/stripe/webhook").status_code == 405
    assert webhook.post(b"x" * (1024 * 1024 + 1), "").status_code == 413
    with override_settings(STRIPE_WEBHOOK_SECRET=""):
        assert webhook.send(told(stripe)[0]).status_code == 503
    assert kept() == []


def test_an_unknown_customer_is_kept_and_ignored(stripe: FakeStripe, webhook: Webhook, alpha: TenantRef) -> None:
    stranger = stripe.shop.record("customer.subscription.created", {"id": "sub_x", "customer": "cus_stranger"})
    nobody = stripe.shop.record("price.created", {"id": "price_x", "object": "price"})
    for event in (stranger, nobody):
        assert webhook.send(event).status_code == 200
    assert webhook.work() == ["ignored", "ignored"]
    assert row_of(alpha).state == "trialing"
    with public_scope():
        assert not Due.objects.filter(kind=RETRY).exists()


def test_what_an_event_says_is_not_believed(bought: str, customer: str, stripe: FakeStripe, webhook: Webhook,
                                            alpha: TenantRef) -> None:  # fmt: skip
    lie = stripe.shop.record(
        "customer.subscription.updated", {"id": bought, "customer": customer, "status": "canceled", "quantity": 900}
    )
    assert webhook.send(lie).status_code == 200
    assert webhook.work() == ["done"]
    assert (row_of(alpha).state, row_of(alpha).seats) == ("active", 9)


def _life(stripe: FakeStripe, subscription: str) -> list[Json]:
    """created, updated (active), updated (past due), deleted: everything that Stripe tells of a life."""
    stripe.shop.change(subscription, quantity=11)
    stripe.shop.change(subscription, status="past_due")
    stripe.shop.change(subscription, status="canceled")
    return told(stripe)


def _forget(before: Subscription) -> None:
    with public_scope():
        StripeEvent.objects.all().delete()
        before.save()


def test_any_order_with_duplicates_ends_in_the_same_state(
    bought: str, stripe: FakeStripe, webhook: Webhook, alpha: TenantRef
) -> None:
    before = row_of(alpha)
    created, _, active, past_due, deleted = _life(stripe, bought)
    assert [each["type"].rpartition(".")[2] for each in (created, active, past_due, deleted)] == [
        "created", "updated", "updated", "deleted",
    ]  # fmt: skip
    chance, ends = random.Random(7), []
    for order in itertools.permutations([created, active, past_due, deleted]):
        line = list(order)
        for twice in chance.sample(order, 2):
            line.insert(chance.randrange(len(line) + 1), twice)
        _forget(before)
        for event in line:
            assert webhook.send(event).status_code == 200
            if chance.random() < 0.5:
                webhook.work()
        assert webhook.work() == ["done"] * 4
        ends.append(snapshot(row_of(alpha), SNAPSHOT))
    assert len(ends) == 24
    assert all(end == ends[0] for end in ends)
    assert (ends[0]["state"], ends[0]["seats"], ends[0]["stripe_subscription_id"]) == ("cancelled", 11, bought)


@pytest.mark.parametrize("seed", range(6))
def test_events_that_come_while_it_changes(
    bought: str, stripe: FakeStripe, webhook: Webhook, alpha: TenantRef, seed: int
) -> None:
    """Each change is told at once, later or twice; between any two the work may or may not be done."""
    chance, waiting = random.Random(seed), told(stripe)
    for change in ({"status": "past_due"}, {"quantity": 14}, {"status": "active"}, {"cancel_at_period_end": True}):
        waiting.append(stripe.shop.change(bought, **change))
        for event in chance.sample(waiting, chance.randrange(len(waiting) + 1)):
            webhook.send(event)
            waiting = [each for each in waiting if each is not event or chance.random() < 0.3]
        if chance.random() < 0.6:
            webhook.work()
    for event in chance.sample(waiting, len(waiting)):
        webhook.send(event)
    assert set(webhook.work()) == {"done"}
    row = row_of(alpha)
    if kept():
        work_off_event(event_id=_last_again())
        row = row_of(alpha)
    assert (row.state, row.seats, row.cancel_at_period_end, row.plan.code) == ("active", 14, True, "team")


def _last_again() -> int:
    """Let the last event be work again: what it wrote must be what is written again."""
    with public_scope():
        event = StripeEvent.objects.order_by("-pk")[0]
        StripeEvent.objects.filter(pk=event.pk).update(state="received")
        return event.pk


def test_a_failure_is_noted_and_comes_again(
    bought: str, stripe: FakeStripe, webhook: Webhook, alpha: TenantRef
) -> None:
    assert webhook.send(told(stripe)[0]).status_code == 200
    stripe.faults.order(Fault(FaultKind.ERROR_500, path="/v1/subscriptions", times=2))
    assert webhook.work() == ["failed"]
    with public_scope():
        event = StripeEvent.objects.get()
        due = Due.objects.get(kind=RETRY, ref_id=event.pk)
    assert (event.attempts, row_of(alpha).state) == (1, "trialing")
    assert "Problem" in event.error
    assert due.at - clock.now() < timedelta(seconds=15)
    with clock.at(clock.now() + timedelta(seconds=20)):
        assert run_due() >= 1
    with public_scope():
        assert Due.objects.filter(kind=RETRY, ref_id=event.pk).exists(), "until it is done there is a next time"
    assert webhook.work() == ["done"]
    assert row_of(alpha).state == "active"
    with public_scope():
        assert not Due.objects.filter(kind=RETRY).exists()


def test_a_price_that_is_not_ours_waits_for_somebody(
    bought: str, stripe: FakeStripe, webhook: Webhook, alpha: TenantRef
) -> None:
    stripe.shop.subscriptions[bought]["items"]["data"][0]["price"]["lookup_key"] = "somebody_elses"
    webhook.send(told(stripe)[0])
    assert webhook.work() == ["failed"]
    with public_scope():
        assert "somebody_elses" in StripeEvent.objects.get().error
    assert row_of(alpha).state == "trialing"


def test_a_change_is_told_and_audited_once(bought: str, stripe: FakeStripe, webhook: Webhook, alpha: TenantRef) -> None:
    for event in told(stripe):
        webhook.send(event)
    assert webhook.work() == ["done", "done"]
    with public_scope():
        heard = OutboxEvent.objects.filter(kind="subscription.changed", tenant_schema=alpha.schema)
        assert [each.data["state"] for each in heard] == ["active"]
        assert heard[0].audience is not None and heard[0].audience["permission"] == "billing.read"
    audits = AuditEntry.objects.filter(kind="subscription", action="updated")
    assert audits.count() == 1
    assert row_of(alpha).workspace.state == "active"
    stripe.shop.change(bought, status="past_due")
    webhook.send(told(stripe)[-1])
    webhook.work()
    assert (row_of(alpha).state, row_of(alpha).workspace.state) == ("past_due", "past_due")


def test_a_second_subscription_outlives_the_end_of_the_first(
    bought: str, owner: Actor, stripe: FakeStripe, webhook: Webhook, alpha: TenantRef
) -> None:
    stripe.shop.change(bought, status="canceled")
    ended = told(stripe)[-1]
    webhook.send(ended)
    webhook.work()
    assert row_of(alpha).state == "cancelled"
    open_checkout(actor=owner, choice=CHOICE)
    page = list(stripe.shop.pages)[-1]
    second = str(stripe.shop.pay(page, shapes.CARD_PAID)["subscription"])
    late = {**json.loads(body_of(ended)), "id": "evt_late"}
    for event in (told(stripe)[-2], late):
        webhook.send(event)
    webhook.work()
    row: Any = row_of(alpha)
    assert (row.state, row.stripe_subscription_id, row.ended_at) == ("active", second, None)
