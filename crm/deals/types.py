"""Small types of deals."""

from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class StageStay:
    """A deal's stay in a stage; without an end it is there now, and `seconds` runs."""

    stage_id: int
    name: str
    kind: str
    entered_at: datetime
    left_at: datetime | None
    seconds: int
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class DealParts:
    """What hangs on a deal."""

    contacts: list[Any]
    competitors: list[Any]
    lines: list[Any]
    amount_from_lines: bool
