"""The trial that every workspace begins with."""

from datetime import timedelta

from billing.plans.selectors import plan_of_code
from billing.subscriptions.models import Subscription
from guanxi.common import clock
from guanxi.tenancy import TenantRef, public_scope


def start_trial(*, tenant: TenantRef, plan_code: str, seats: int) -> None:
    """Begin a workspace's trial in the caller's transaction; a second call changes nothing."""
    plan = plan_of_code(plan_code)
    now = clock.now()
    trial = Subscription(
        workspace_id=tenant.id,
        plan=plan,
        seats=seats,
        trial_ends_at=now + timedelta(days=plan.trial_days) if plan.trial_days else None,
    )
    with public_scope():
        Subscription.objects.bulk_create([trial], ignore_conflicts=True)
