"""Values of the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

_NOTHING: Mapping[str, int] = MappingProxyType({})


class Interval(StrEnum):
    """How often a seat is paid for."""

    MONTH = "month"
    YEAR = "year"


CURRENCIES = ("CNY", "USD")


@dataclass(frozen=True, slots=True)
class PriceDefinition:
    """What a seat costs for an interval, in the currency's smallest unit."""

    currency: str
    interval: Interval
    amount: int


@dataclass(frozen=True, slots=True)
class PlanDefinition:
    """One version of a plan. `features` None means all of them; a limit that is not named is none."""

    code: str
    version: int
    position: int
    trial_days: int = 0
    at_sign_up: bool = False
    for_sale: bool = True
    seats: int | None = None
    features: tuple[str, ...] | None = None
    limits: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    prices: tuple[PriceDefinition, ...] = ()
