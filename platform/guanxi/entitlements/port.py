"""The port, and what answers at it while no billing is there."""

from collections.abc import Sequence
from typing import Protocol

from guanxi.common.errors import Problem
from guanxi.entitlements.types import Plan
from guanxi.tenancy import TenantRef, require_tenant


class EntitlementProvider(Protocol):
    """Answers from what it keeps itself; nothing outside is asked while a request waits."""

    def public_plans(self) -> Sequence[Plan]:
        """Return the plans that newcomers may choose from, in the order to show them."""

    def start_trial(self, tenant: TenantRef, plan_code: str, seats: int) -> None:
        """Begin a new workspace's trial; a second call changes nothing."""

    def has_feature(self, tenant: TenantRef, code: str) -> bool:
        """Return whether the workspace's plan has a feature."""

    def features(self, tenant: TenantRef) -> frozenset[str] | None:
        """Return the features of the workspace's plan, None for all of them."""

    def take_quota(self, tenant: TenantRef, code: str, amount: int) -> bool:
        """Take from a quota in the caller's transaction; return False, taking nothing, when too little is left."""

    def seats(self, tenant: TenantRef) -> int | None:
        """Return how many members may be at work, None for as many as wanted."""


class EverythingProvider:
    """A trial with everything in it, and no end."""

    plans = (Plan("trial"),)

    def public_plans(self) -> Sequence[Plan]:
        """Return the one plan."""
        return self.plans

    def start_trial(self, tenant: TenantRef, plan_code: str, seats: int) -> None:
        """Take note of nothing: there is nothing to end."""

    def has_feature(self, tenant: TenantRef, code: str) -> bool:
        """Return True."""
        return True

    def features(self, tenant: TenantRef) -> frozenset[str] | None:
        """Return None: all of them."""
        return None

    def take_quota(self, tenant: TenantRef, code: str, amount: int) -> bool:
        """Return True."""
        return True

    def seats(self, tenant: TenantRef) -> int | None:
        """Return None: as many as wanted."""
        return None


_provider: EntitlementProvider = EverythingProvider()


def register_provider(provider: EntitlementProvider) -> EntitlementProvider:
    """Let `provider` answer from now on; return the one before."""
    global _provider
    before, _provider = _provider, provider
    return before


def public_plans() -> Sequence[Plan]:
    """Return the plans that newcomers may choose from."""
    return _provider.public_plans()


def start_trial(tenant: TenantRef, plan_code: str, seats: int) -> None:
    """Begin a new workspace's trial; raise Problem("plan_unknown") for a plan that is not on offer."""
    if plan_code not in {plan.code for plan in public_plans()}:
        raise Problem("plan_unknown", status=422, detail="There is no such plan.", fields={"plan": "unknown"})
    _provider.start_trial(tenant, plan_code, seats)


def has_feature(code: str) -> bool:
    """Return whether the current workspace's plan has a feature."""
    return _provider.has_feature(require_tenant(), code)


def features() -> frozenset[str] | None:
    """Return the features of the current workspace's plan, None for all of them."""
    return _provider.features(require_tenant())


def require_feature(code: str) -> None:
    """Raise Problem("feature_not_in_plan") unless the current workspace's plan has the feature."""
    if not has_feature(code):
        raise Problem(
            "feature_not_in_plan", status=402, detail=f"Your plan does not contain {code}.", params={"feature": code}
        )


def take_quota(code: str, amount: int = 1) -> bool:
    """Take from the current workspace's quota; return False, taking nothing, when too little is left."""
    if amount < 1:
        raise ValueError("take at least one")
    return _provider.take_quota(require_tenant(), code, amount)


def require_quota(code: str, amount: int = 1) -> None:
    """Take from a quota or raise Problem("quota_exhausted")."""
    if not take_quota(code, amount):
        raise Problem(
            "quota_exhausted", status=402, detail=f"Your plan's quota of {code} is used up.", params={"quota": code}
        )


def seats() -> int | None:
    """Return how many members may be at work in the current workspace, None for as many as wanted."""
    return _provider.seats(require_tenant())
