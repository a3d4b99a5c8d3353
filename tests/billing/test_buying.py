"""Plans and the way to the page on which to pay: who may, what is refused, one page, and Stripe's bad days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
from django.test import override_settings

from billing.plans.defaults import CATALOGUE
from billing.plans.models import Plan, Price
from billing.plans.selectors import current_plans
from billing.plans.services import sync_catalogue
from billing.plans.types import Interval, PlanDefinition, PriceDefinition
from billing.subscriptions.models import Subscription
from billing.subscriptions.services import start_trial
from guanxi import entitlements
from guanxi.common import clock
from guanxi.tenancy import TenantRef, public_scope
from tests.billing.conftest import pay, row_of
from tests.conftest import SignedIn
from tests.fakes.stripe import FakeStripe, Fault, FaultKind
from tests.fakes.stripe.shop import CARD_PAID

CHOICE = {"plan": "business", "seats": 10, "interval": "month", "currency": "USD"}


@pytest.fixture
def owner_page(browser_of: type[SignedIn], alpha: TenantRef) -> SignedIn:
    return browser_of("alpha", "owner")


def checkout(page: SignedIn, **changes: Any) -> Any:
    return page.post("/api/v1/billing/checkout", {**CHOICE, **changes}, content_type="application/json")


def test_the_catalogue_is_synchronised_once_and_adds_versions(alpha: TenantRef) -> None:
    assert [plan.code for plan in current_plans()] == ["trial", "team", "business"]
    assert sync_catalogue() == 0
    price = PriceDefinition("CNY", Interval.MONTH, 129_00)
    dearer = PlanDefinition(code="team", version=2, position=1, prices=(price,))
    assert sync_catalogue([*CATALOGUE, dearer]) == 1
    with public_scope():
        assert Plan.objects.filter(code="team").count() == 2
        old = Price.objects.get(lookup_key="guanxi_team_v1_cny_month")
    assert old.amount == 99_00, "who bought the old version keeps its price"
    assert [plan.version for plan in current_plans()] == [1, 2, 1]


def test_the_catalogue_comes_back_by_itself(alpha: TenantRef) -> None:
    with public_scope():
        Subscription.objects.all().delete()
        Plan.objects.all().delete()
    assert [plan.code for plan in entitlements.public_plans()] == ["trial"]
    with public_scope():
        assert Price.objects.count() == 8


def test_a_workspace_begins_with_its_trial(alpha: TenantRef) -> None:
    row = row_of(alpha)
    assert (row.state, row.plan.code, row.seats) == ("trialing", "trial", 10)
    assert row.trial_ends_at is not None
    assert timedelta(days=13) < row.trial_ends_at - clock.now() <= timedelta(days=14)
    start_trial(tenant=alpha, plan_code="team", seats=99)
    assert row_of(alpha).seats == 10, "a second call changes nothing"


def test_features_and_seats_follow_the_subscription(alpha: TenantRef) -> None:
    assert entitlements.has_feature("anything")
    assert entitlements.seats() is None
    team = next(plan for plan in current_plans() if plan.code == "team")
    with public_scope():
        Subscription.objects.filter(workspace_id=alpha.id).update(plan=team, state="active", seats=7)
    assert entitlements.has_feature("wechat")
    assert not entitlements.has_feature("anything")
    assert entitlements.seats() == 7


def test_the_page_is_told_the_features_of_what_was_bought(alpha: TenantRef, owner_page: SignedIn) -> None:
    assert owner_page.get("/api/v1/session").json()["features"] is None, "the trial has everything"
    team = next(plan for plan in current_plans() if plan.code == "team")
    with public_scope():
        Subscription.objects.filter(workspace_id=alpha.id).update(plan=team, state="active")
    told = owner_page.get("/api/v1/session").json()["features"]
    assert team.features is not None and told == sorted(team.features) and "wechat" in told


def test_plans_are_shown(owner_page: SignedIn) -> None:
    items = owner_page.get("/api/v1/billing/plans").json()["items"]
    assert [each["code"] for each in items] == ["trial", "team", "business"]
    prices = {(each["currency"], each["interval"]): each["amount"] for each in items[1]["prices"]}
    assert prices == {("CNY", "month"): 9900, ("CNY", "year"): 99000, ("USD", "month"): 1500, ("USD", "year"): 15000}


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("admin", 200), ("manager", 403), ("rep", 403), ("agent", 403)]
)
def test_who_may(browser_of: type[SignedIn], stripe: FakeStripe, role: str, status: int) -> None:
    page = browser_of("alpha", role)
    assert page.get("/api/v1/billing/subscription").status_code == status
    assert page.get("/api/v1/billing/plans").status_code == status
    assert checkout(page).status_code == status
    assert len(stripe.shop.customers) == (1 if status == 200 else 0)


def test_not_for_programs(owner_page: SignedIn) -> None:
    assert owner_page.get("/api/public/v1/billing/subscription").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"plan": "gold"}, "plan"), ({"plan": "trial"}, "plan"), ({"currency": "EUR"}, "currency"),
        ({"seats": 1}, "seats"), ({"seats": 1001}, "seats"), ({"seats": 0}, "seats"), ({"interval": "day"}, "interval"),
    ],
)  # fmt: skip
def test_what_cannot_be_bought(owner_page: SignedIn, stripe: FakeStripe, changes: dict[str, Any], field: str) -> None:
    answer = checkout(owner_page, **changes)
    assert answer.status_code == 422, answer.content
    assert field in answer.json()["fields"]
    assert stripe.shop.calls == []


def test_a_double_click_finds_the_first_page(owner_page: SignedIn, stripe: FakeStripe) -> None:
    first, second = checkout(owner_page).json()["url"], checkout(owner_page).json()["url"]
    assert first == second
    assert len(stripe.shop.pages) == len(stripe.shop.customers) == 1


def test_another_choice_closes_the_page_before(owner_page: SignedIn, stripe: FakeStripe) -> None:
    first = checkout(owner_page).json()["url"]
    second = checkout(owner_page, seats=20).json()["url"]
    assert [page["status"] for page in stripe.shop.pages.values()] == ["expired", "open"]
    assert requests.get(first, timeout=10).status_code == 410
    assert "USD 580.00" in requests.get(second, timeout=10).text
    assert len(stripe.shop.prices) == 1, "the price is made once"
    third = checkout(owner_page).json()["url"]
    assert third not in {first, second}


@pytest.mark.parametrize("kind", [FaultKind.ERROR_500, FaultKind.DROP, FaultKind.COMMIT_THEN_DROP])
@pytest.mark.parametrize("path", ["/v1/customers", "/v1/prices", "/v1/checkout/sessions"])
def test_a_call_that_fails_once_is_made_again_and_makes_one(
    owner_page: SignedIn, stripe: FakeStripe, kind: FaultKind, path: str
) -> None:
    stripe.faults.order(Fault(kind, path=path))
    assert checkout(owner_page).status_code == 200
    assert [len(shelf) for shelf in (stripe.shop.customers, stripe.shop.prices, stripe.shop.pages)] == [1, 1, 1]


def test_stripe_is_away_and_comes_back(owner_page: SignedIn, stripe: FakeStripe) -> None:
    stripe.faults.order(Fault(FaultKind.COMMIT_THEN_DROP, path="/v1/checkout/sessions", times=2))
    answer = checkout(owner_page)
    assert (answer.status_code, answer.json()["code"]) == (503, "payment_provider_unavailable")
    assert checkout(owner_page).status_code == 200
    assert len(stripe.shop.pages) == 1, "the page whose address was lost is the one that is given"


def test_stripe_refuses(owner_page: SignedIn, stripe: FakeStripe) -> None:
    with override_settings(STRIPE_SECRET_KEY="sk_live_of_another"):
        answer = checkout(owner_page)
    assert (answer.status_code, answer.json()["code"]) == (502, "payment_provider_refused")
    assert b"sk_live" not in answer.content


def test_without_a_key_nothing_can_be_bought(owner_page: SignedIn, stripe: FakeStripe) -> None:
    with override_settings(STRIPE_SECRET_KEY=""):
        assert owner_page.get("/api/v1/billing/subscription").json()["can_buy"] is False
        answer = checkout(owner_page)
    assert (answer.status_code, answer.json()["code"]) == (503, "billing_not_configured")


def test_paying_and_coming_back_grants_nothing(owner_page: SignedIn, stripe: FakeStripe, alpha: TenantRef) -> None:
    assert pay(checkout(owner_page).json()["url"], CARD_PAID).status_code == 303
    assert owner_page.get("/settings/billing?checkout=done").status_code < 500
    assert row_of(alpha).state == "trialing"


def test_a_workspace_from_before_billing(owner_page: SignedIn, stripe: FakeStripe, alpha: TenantRef) -> None:
    with public_scope():
        Subscription.objects.all().delete()
    shown = owner_page.get("/api/v1/billing/subscription").json()
    assert (shown["state"], shown["plan"]["code"], shown["trial_ends_at"]) == ("trialing", "trial", None)
    assert checkout(owner_page).status_code == 200
