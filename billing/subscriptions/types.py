"""Values of subscriptions."""

from dataclasses import dataclass

from billing.plans.types import Interval


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody wants to buy."""

    plan: str
    interval: Interval
    currency: str
    seats: int
