"""Small types of deals."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class StageColumn:
    """A column of the board: its stage, how many deals and how much money are in it, and the first of them."""

    stage: Any
    count: int
    total: Decimal
    weighted: Decimal
    deals: list[Any]
    next: str | None
