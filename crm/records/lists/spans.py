"""Spans of time that stand relative to today: this week, the last 30 days, the next 7 days."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAYS = re.compile(r"(last|next)_(\d{1,4})_days")
_PERIODS = re.compile(r"(last|this|next)_(week|month|quarter|year)")
_SINGLE = {"yesterday": -1, "today": 0, "tomorrow": 1}
_STEPS = {"last": -1, "this": 0, "next": 1}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}

Span = tuple[date, date]


def span_of(name: str, today: date) -> Span | None:
    """Return the first day of a span and the day after its last one; None for a name that is no span.

    `last_30_days` ends with today, `next_7_days` begins with it; weeks begin on Monday.
    """
    if name in _SINGLE:
        first = today + timedelta(days=_SINGLE[name])
        return first, first + timedelta(days=1)
    if days := _DAYS.fullmatch(name):
        length = timedelta(days=int(days[2]))
        tomorrow = today + timedelta(days=1)
        return (tomorrow - length, tomorrow) if days[1] == "last" else (today, today + length)
    if period := _PERIODS.fullmatch(name):
        return _period(period[2], _STEPS[period[1]], today)
    return None


def _period(unit: str, step: int, today: date) -> Span:
    if unit == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        return monday, monday + timedelta(weeks=1)
    months = _MONTHS[unit]
    number = today.year * 12 + (today.month - 1) // months * months + step * months
    return _month(number), _month(number + months)


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def midnight(day: date, zone: str) -> datetime:
    """Return when a day begins in a time zone."""
    return datetime.combine(day, time(), ZoneInfo(zone))
