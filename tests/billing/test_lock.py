"""The row is locked before Stripe is asked: of two workers none can write what the other has overtaken."""

from __future__ import annotations

import threading

import psycopg
import pytest
from django.db import connection

from billing.gateways import stripe_gateway
from billing.gateways.types import SubscriptionAtProvider
from billing.plans.types import Interval
from billing.subscriptions.models import StripeEvent
from billing.subscriptions.services import open_checkout, work_off_event
from billing.subscriptions.types import Choice
from guanxi.access import Actor
from guanxi.tenancy import TenantRef, public_scope
from tests.billing.conftest import Webhook, row_of
from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe.shop import CARD_PAID

pytestmark = pytest.mark.committed
CHOICE = Choice(plan="team", interval=Interval.MONTH, currency="CNY", seats=9)


def is_locked(tenant: TenantRef) -> bool:
    """Return whether somebody else's transaction holds the workspace's row."""
    values = connection.settings_dict
    params = {"host": values["HOST"], "port": values["PORT"], "user": values["USER"], "password": values["PASSWORD"]}
    with psycopg.connect(dbname=values["NAME"], **{k: v for k, v in params.items() if v}) as other:
        try:
            other.execute(
                "SELECT 1 FROM public.subscriptions_subscription WHERE workspace_id = %s FOR UPDATE NOWAIT", [tenant.id]
            )
        except psycopg.errors.LockNotAvailable:
            return True
    return False


def test_the_row_is_locked_while_stripe_is_asked(
    alpha: TenantRef, owner: Actor, stripe: FakeStripe, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_checkout(actor=owner, choice=CHOICE)
    stripe.shop.pay(next(iter(stripe.shop.pages)), CARD_PAID)
    seen: list[bool] = []
    ask = stripe_gateway.read_subscriptions

    def watched(customer_id: str) -> list[SubscriptionAtProvider]:
        seen.append(is_locked(alpha))
        return ask(customer_id)

    monkeypatch.setattr(stripe_gateway, "read_subscriptions", watched)
    assert not is_locked(alpha)
    webhook.send(next(iter(stripe.shop.events.values())))
    assert webhook.work() == ["done"]
    assert seen == [True]
    assert not is_locked(alpha)
    assert row_of(alpha).state == "active"


def test_workers_at_the_same_time_end_in_what_stripe_says(
    alpha: TenantRef, owner: Actor, stripe: FakeStripe, webhook: Webhook
) -> None:
    open_checkout(actor=owner, choice=CHOICE)
    page = stripe.shop.pay(next(iter(stripe.shop.pages)), CARD_PAID)
    for seats in range(10, 16):
        stripe.shop.change(page["subscription"], quantity=seats)
    for event in list(stripe.shop.events.values()):
        assert webhook.send(event).status_code == 200
    with public_scope():
        ids = list(StripeEvent.objects.values_list("pk", flat=True))

    def work(event_id: int) -> None:
        try:
            with public_scope():
                work_off_event(event_id=event_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(each,)) for each in ids]
    for thread in threads:
        thread.start()
    stripe.shop.change(page["subscription"], quantity=33)
    for thread in threads:
        thread.join(30)
    webhook.send(list(stripe.shop.events.values())[-1])
    assert "failed" not in webhook.work()
    row = row_of(alpha)
    assert (row.state, row.seats) == ("active", 33)
