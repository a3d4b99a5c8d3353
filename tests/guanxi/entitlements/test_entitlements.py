"""The entitlements port: everything without billing, and what a provider says with it."""

from collections.abc import Iterator, Sequence

import pytest

from guanxi import entitlements
from guanxi.common.errors import Problem
from guanxi.entitlements import Plan
from guanxi.tenancy import TenantContextError, TenantRef


class Meter:
    """A provider with one feature and a quota of three a workspace."""

    def __init__(self) -> None:
        self.left: dict[int, int] = {}
        self.trials: list[tuple[int, str, int]] = []

    def public_plans(self) -> Sequence[Plan]:
        return [Plan("team", trial_days=14, features=frozenset({"widget"}), quotas={"answers": 3}), Plan("trial")]

    def start_trial(self, tenant: TenantRef, plan_code: str, seats: int) -> None:
        self.trials.append((tenant.id, plan_code, seats))

    def has_feature(self, tenant: TenantRef, code: str) -> bool:
        return code == "widget"

    def features(self, tenant: TenantRef) -> frozenset[str] | None:
        return frozenset({"widget"})

    def take_quota(self, tenant: TenantRef, code: str, amount: int) -> bool:
        left = self.left.setdefault(tenant.id, 3)
        if amount > left:
            return False
        self.left[tenant.id] = left - amount
        return True

    def seats(self, tenant: TenantRef) -> int | None:
        return 5


@pytest.fixture
def meter() -> Iterator[Meter]:
    provider = Meter()
    before = entitlements.register_provider(provider)
    yield provider
    entitlements.register_provider(before)


def test_without_billing_everything_goes(alpha: TenantRef) -> None:
    assert [plan.code for plan in entitlements.public_plans()] == ["trial"]
    entitlements.start_trial(alpha, "trial", 10)
    assert (
        entitlements.has_feature("anything")
        and entitlements.take_quota("answers", 10**9)
        and entitlements.seats() is None
    )


def test_a_provider_decides_for_the_current_workspace(alpha: TenantRef, meter: Meter) -> None:
    entitlements.start_trial(alpha, "team", 10)
    assert meter.trials == [(alpha.id, "team", 10)]
    assert entitlements.has_feature("widget") and not entitlements.has_feature("analytics")
    assert (
        entitlements.take_quota("answers", 2)
        and not entitlements.take_quota("answers", 2)
        and entitlements.take_quota("answers")
    )
    with pytest.raises(Problem) as refusal:
        entitlements.require_quota("answers")
    assert (refusal.value.code, refusal.value.status, refusal.value.params) == (
        "quota_exhausted",
        402,
        {"quota": "answers"},
    )
    with pytest.raises(Problem, match="analytics"):
        entitlements.require_feature("analytics")
    assert entitlements.seats() == 5


def test_what_makes_no_sense_is_refused(alpha: TenantRef, meter: Meter) -> None:
    with pytest.raises(Problem, match="no such plan"):
        entitlements.start_trial(alpha, "platinum", 1)
    for amount in (0, -5):
        with pytest.raises(ValueError, match="at least one"):
            entitlements.take_quota("answers", amount)
    assert meter.left == {} and meter.trials == []


def test_outside_of_a_tenant_nothing_is_granted() -> None:
    with pytest.raises(TenantContextError):
        entitlements.has_feature("widget")
