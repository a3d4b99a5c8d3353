"""What the home page shows."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class MonthNumbers:
    """The month so far beside the whole month before it; money in the tenant's currency."""

    won_amount: Decimal
    won_count: int
    won_amount_before: Decimal
    won_count_before: int
    open_amount: Decimal
    open_count: int
    weighted_amount: Decimal
    leads: int
    leads_before: int
    converted: int
    answered_in_time: int
    answered: int


@dataclass(frozen=True, slots=True)
class WeekPoint:
    """One week: its Monday, new leads, money won."""

    week: date
    leads: int
    won_amount: Decimal


@dataclass(frozen=True, slots=True)
class MyDay:
    """What waits for the member, the most urgent first."""

    overdue_tasks: int
    today_tasks: int
    tasks: list[Any]
    leads_waiting: list[Any]
    conversations_waiting: list[Any]
    deals_at_risk: list[Any]
    numbers: MonthNumbers
    weeks: list[WeekPoint]
