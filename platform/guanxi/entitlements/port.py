"""The port: what plans there are, and what the present tenant's plan allows. Billing fills it; without billing everything is allowed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from guanxi.tenancy import TenantRef


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as the sign-up page shows it; prices in the smallest unit of the currency, None where it is not sold so."""

    code: str
    seats: int
    monthly: int | None = None
    yearly: int | None = None
    currency: str = "CNY"
    trial_days: int = 14
    features: tuple[str, ...] = ()
    limits: dict[str, int] = field(default_factory=dict)


class Provider(Protocol):
    """What billing brings."""

    def public_plans(self) -> Sequence[Plan]:
        """Return the plans that a newcomer may choose from."""
        ...

    def start_trial(self, tenant: TenantRef, plan_code: str, seats: int) -> None:
        """Start a tenant's trial, inside the caller's transaction."""
        ...

    def has_feature(self, code: str) -> bool:
        """Return whether the present tenant's plan has a feature."""
        ...

    def take_quota(self, code: str, amount: int) -> bool:
        """Take from a limit of the present tenant; return False, and take nothing, when it would be passed."""
        ...


class Unlimited:
    """The provider of an installation without billing: one plan with everything."""

    def public_plans(self) -> Sequence[Plan]:
        """Return the one plan."""
        return [Plan(code="trial", seats=10)]

    def start_trial(self, tenant: TenantRef, plan_code: str, seats: int) -> None:
        """Nothing has to be kept."""

    def has_feature(self, code: str) -> bool:
        """Return True."""
        return True

    def take_quota(self, code: str, amount: int) -> bool:
        """Return True."""
        return True


_provider: Provider = Unlimited()


def register_provider(provider: Provider) -> None:
    """Let billing answer from now on."""
    global _provider
    _provider = provider


def public_plans() -> Sequence[Plan]:
    """Return the plans that a newcomer may choose from."""
    return _provider.public_plans()


def start_trial(tenant: TenantRef, plan_code: str, seats: int) -> None:
    """Start a tenant's trial, inside the caller's transaction."""
    _provider.start_trial(tenant, plan_code, seats)


def has_feature(code: str) -> bool:
    """Return whether the present tenant's plan has a feature."""
    return _provider.has_feature(code)


def take_quota(code: str, amount: int = 1) -> bool:
    """Take from a limit of the present tenant; return False, and take nothing, when it would be passed."""
    return _provider.take_quota(code, amount)
