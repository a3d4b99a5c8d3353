"""Plans, by way of the port that billing fills."""

from collections.abc import Sequence

from guanxi.entitlements import Plan, public_plans, start_trial
from guanxi.tenancy import TenantRef

TRIAL_SEATS = 10


def offered_plans() -> Sequence[Plan]:
    """Return the plans that a newcomer may choose from."""
    return public_plans()


def is_offered(code: str) -> bool:
    """Return whether a newcomer may choose this plan."""
    return any(plan.code == code for plan in public_plans())


def begin_trial(tenant: TenantRef, plan_code: str) -> None:
    """Start the trial of a plan, with the seats that it has; inside the caller's transaction."""
    chosen = next((plan for plan in public_plans() if plan.code == plan_code), None)
    start_trial(tenant, plan_code, (chosen.seats if chosen else None) or TRIAL_SEATS)
