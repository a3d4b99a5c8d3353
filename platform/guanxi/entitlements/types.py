"""What a plan is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

_NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that a newcomer can choose. Its name and words are in the page's catalog under its code.

    `features` None means all of them; a quota that is not named is not limited; `seats` None means as many as wanted;
    the price is for a seat and a month, None when there is none.
    """

    code: str
    trial_days: int = 0
    price: Decimal | None = None
    currency: str = "CNY"
    seats: int | None = None
    features: frozenset[str] | None = None
    quotas: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
