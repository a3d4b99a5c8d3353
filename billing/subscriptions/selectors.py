"""Reads subscriptions."""

from typing import TYPE_CHECKING

from billing.subscriptions.models import Subscription
from guanxi.access import Actor, require
from guanxi.tenancy import TenantRef, public_scope, require_tenant

if TYPE_CHECKING:
    from billing.plans.models import Plan


def subscription_of(tenant: TenantRef) -> Subscription | None:
    """Return a workspace's subscription with its plan, None for a workspace that never began one."""
    with public_scope():
        return Subscription.objects.select_related("plan").filter(workspace_id=tenant.id).first()


def current_subscription(actor: Actor) -> Subscription | None:
    """Return the current workspace's subscription."""
    require(actor, "billing.read")
    return subscription_of(require_tenant())


def plan_of(tenant: TenantRef) -> "Plan | None":
    """Return the plan that a workspace uses, None when it has none yet and so everything is open."""
    found = subscription_of(tenant)
    return None if found is None else found.plan


def paid_seats(tenant: TenantRef) -> int | None:
    """Return how many members may be at work: what is paid for, or what the plan of the trial allows."""
    found = subscription_of(tenant)
    if found is None:
        return None
    paid = found.state in {Subscription.State.ACTIVE, Subscription.State.PAST_DUE}
    return found.seats if paid else found.plan.seats
