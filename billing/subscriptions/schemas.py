"""What the owner's billing page takes and gives."""

from datetime import datetime

from ninja import Field, Schema

from billing.plans.types import Interval


class BillingPriceOut(Schema):
    """What a seat costs for an interval, in the currency's smallest unit."""

    currency: str
    interval: Interval
    amount: int


class BillingPlanOut(Schema):
    """A plan; null features are all of them, null seats as many as wanted, a limit that is not named is none."""

    code: str
    version: int
    for_sale: bool
    trial_days: int
    seats: int | None
    features: list[str] | None
    limits: dict[str, int]
    prices: list[BillingPriceOut]


class BillingPlansOut(Schema):
    """The catalogue, in the order to show it."""

    items: list[BillingPlanOut]


class SubscriptionOut(Schema):
    """How it stands with the workspace's subscription; `seats_used` are the members at work."""

    state: str
    plan: BillingPlanOut
    seats: int
    seats_used: int
    currency: str
    interval: str
    trial_ends_at: datetime | None
    current_period_end: datetime | None
    cancel_at_period_end: bool
    ended_at: datetime | None
    can_buy: bool


class CheckoutIn(Schema):
    """What to buy."""

    plan: str = Field(max_length=40)
    seats: int = Field(ge=1, le=100_000)
    interval: Interval = Interval.MONTH
    currency: str = Field("CNY", max_length=3)


class CheckoutOut(Schema):
    """Where to pay."""

    url: str
