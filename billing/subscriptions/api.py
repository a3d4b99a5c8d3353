"""The owner's billing page."""

from typing import TYPE_CHECKING, Any

from billing.gateways.stripe_gateway import is_configured
from billing.plans.selectors import current_plans, plan_of_code, prices_of
from billing.subscriptions import selectors, services
from billing.subscriptions.models import Subscription
from billing.subscriptions.schemas import BillingPlansOut, CheckoutIn, CheckoutOut, SubscriptionOut
from billing.subscriptions.types import Choice
from guanxi.http.router import ApiRequest, AppRouter
from tenants.members.selectors import active_member_ids

if TYPE_CHECKING:
    from billing.plans.models import Plan

router = AppRouter(tag="billing")
OWNERS_PAGE = "owner's page"


@router.get("/billing/subscription", permission="billing.read", response=SubscriptionOut, private=OWNERS_PAGE)
def billing_subscription(request: ApiRequest) -> dict[str, Any]:
    """Return how it stands with the workspace's subscription."""
    found = selectors.current_subscription(request.actor)
    # A workspace from before there was billing is shown as what it is: on trial, with no end set.
    row = found or Subscription(plan=plan_of_code("trial"), seats=0)
    plan = _plans([row.plan])[0]
    return {
        "state": row.state,
        "plan": plan,
        "seats": row.seats,
        "seats_used": len(active_member_ids()),
        "currency": row.currency,
        "interval": row.interval,
        "trial_ends_at": row.trial_ends_at,
        "current_period_end": row.current_period_end,
        "cancel_at_period_end": row.cancel_at_period_end,
        "ended_at": row.ended_at,
        "can_buy": is_configured() and row.state not in {Subscription.State.ACTIVE, Subscription.State.PAST_DUE},
    }


@router.get("/billing/plans", permission="billing.read", response=BillingPlansOut, private=OWNERS_PAGE)
def billing_plans(request: ApiRequest) -> dict[str, Any]:
    """Return the catalogue."""
    return {"items": _plans(current_plans())}


@router.post("/billing/checkout", permission="billing.manage", response=CheckoutOut, private=OWNERS_PAGE)
def billing_checkout(request: ApiRequest, body: CheckoutIn) -> dict[str, str]:
    """Open the page on which to pay; paying there, not coming back from it, starts the subscription."""
    choice = Choice(plan=body.plan, interval=body.interval, currency=body.currency.upper(), seats=body.seats)
    return {"url": services.open_checkout(actor=request.actor, choice=choice)}


def _plans(rows: "list[Plan]") -> list[dict[str, Any]]:
    prices = prices_of(rows)
    return [
        {
            "code": row.code,
            "version": row.version,
            "for_sale": row.for_sale,
            "trial_days": row.trial_days,
            "seats": row.seats,
            "features": row.features,
            "limits": row.limits,
            "prices": [
                {"currency": price.currency, "interval": price.interval, "amount": price.amount}
                for price in prices[row.pk]
            ],
        }
        for row in rows
    ]
