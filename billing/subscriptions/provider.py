"""Answers at the kernel's port of entitlements, from the local copy alone."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from billing.plans import selectors as catalogue
from billing.subscriptions import services
from billing.subscriptions.selectors import paid_seats, plan_of
from guanxi.entitlements import Plan
from guanxi.tenancy import TenantRef

if TYPE_CHECKING:
    from billing.plans.models import Plan as PlanRow


class SubscriptionProvider:
    """What a workspace may use follows from its subscription."""

    def public_plans(self) -> Sequence[Plan]:
        """Return the plans that a newcomer may begin with; the others are bought from inside the workspace."""
        return [_offered(row) for row in catalogue.current_plans() if row.at_sign_up]

    def start_trial(self, tenant: TenantRef, plan_code: str, seats: int) -> None:
        """Begin a new workspace's trial; a second call changes nothing."""
        services.start_trial(tenant=tenant, plan_code=plan_code, seats=seats)

    def has_feature(self, tenant: TenantRef, code: str) -> bool:
        """Return whether the workspace's plan has a feature."""
        features = self.features(tenant)
        return features is None or code in features

    def features(self, tenant: TenantRef) -> frozenset[str] | None:
        """Return the features of the plan that the workspace uses now, None for all of them."""
        plan = plan_of(tenant)
        return None if plan is None or plan.features is None else frozenset(plan.features)

    def take_quota(self, tenant: TenantRef, code: str, amount: int) -> bool:
        """Return True: limits are shown, and nothing is counted against them."""
        return True

    def seats(self, tenant: TenantRef) -> int | None:
        """Return how many members may be at work."""
        return paid_seats(tenant)


def _offered(row: "PlanRow") -> Plan:
    return Plan(
        code=row.code,
        trial_days=row.trial_days,
        seats=row.seats,
        features=None if row.features is None else frozenset(row.features),
        quotas=row.limits,
    )
