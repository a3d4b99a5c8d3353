"""What a payment provider tells, in our own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class NotificationRefused(Exception):
    """A notification that is not the provider's, or too old, or not to be understood."""


@dataclass(frozen=True, slots=True)
class Notification:
    """A signed notification. What it says of the subscription is not believed: it only says whose to read again."""

    id: str
    kind: str
    created: datetime
    api_version: str
    customer_id: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CheckoutPage:
    """A page on which somebody can pay."""

    id: str
    url: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class PriceAtProvider:
    """A price as the provider is to know it."""

    lookup_key: str
    product: str
    currency: str
    interval: str
    amount: int


@dataclass(frozen=True, slots=True)
class SubscriptionAtProvider:
    """A subscription as the provider has it at this moment."""

    id: str
    customer_id: str
    status: str
    created: datetime
    lookup_key: str
    seats: int
    currency: str
    interval: str
    current_period_end: datetime | None
    trial_end: datetime | None
    ended_at: datetime | None
    cancel_at_period_end: bool
