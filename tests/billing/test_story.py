"""From the plan to the paid subscription: every step over HTTP, the event through a real worker."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from guanxi.config.worker import app
from guanxi.tenancy import TenantRef, public_scope
from guanxi.timers.models import Due
from tests.billing.conftest import DECLINED, pay, row_of
from tests.conftest import SignedIn
from tests.fakes.stripe import FakeStripe
from tests.guanxi.jobs.workers import wait_for, worker

pytestmark = [pytest.mark.slow, pytest.mark.committed]


def test_a_workspace_pays_and_is_active(
    alpha: TenantRef, server: str, stripe: FakeStripe, browser_of: type[SignedIn], tmp_path: Path
) -> None:
    app.control.purge()
    stripe.target.url, stripe.target.secret = f"{server}/stripe/webhook", "whsec_billing"
    owner = browser_of("alpha", "owner")
    before = owner.get("/api/v1/billing/subscription").json()
    assert (before["state"], before["plan"]["code"], before["can_buy"]) == ("trialing", "trial", True)

    choice = {"plan": "team", "seats": 12, "interval": "year", "currency": "CNY"}
    answer = owner.post("/api/v1/billing/checkout", choice, content_type="application/json")
    assert answer.status_code == 200, answer.content
    url = answer.json()["url"]
    assert url.startswith(stripe.url)
    assert "CNY 11,880.00" in requests.get(url, timeout=10).text
    assert pay(url, DECLINED).status_code == 402
    assert row_of(alpha).state == "trialing"

    paid = pay(url)
    assert (paid.status_code, paid.headers["Location"].rpartition("/")[2]) == (303, "billing?checkout=done")
    # Having paid grants nothing yet: only what Stripe says, read by a worker, does.
    wait_for(lambda: len(stripe.pusher.deliveries) == 4, what="four delivered events")
    assert {each.status for each in stripe.pusher.deliveries} == {200}
    assert row_of(alpha).state == "trialing"

    with worker(tmp_path / "log", pool="threads", concurrency=2):
        wait_for(lambda: row_of(alpha).state == "active", what="the subscription to be active")
        with public_scope():
            wait_for(lambda: not Due.objects.filter(kind="billing.stripe_event").exists(), what="all events worked off")
    after = owner.get("/api/v1/billing/subscription").json()
    assert (after["state"], after["plan"]["code"], after["seats"]) == ("active", "team", 12)
    assert (after["currency"], after["interval"], after["can_buy"]) == ("CNY", "year", False)
    assert after["current_period_end"] is not None
    assert row_of(alpha).workspace.state == "active"
    shown = owner.get("/api/v1/workspace").json()
    assert (shown["state"], shown["plan_code"]) == ("active", "team")

    again = owner.post("/api/v1/billing/checkout", choice, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "already_subscribed")
