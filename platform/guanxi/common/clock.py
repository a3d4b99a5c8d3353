"""The one source of time, so that tests and the demo can stand at another moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BUSINESS_ZONE = "Asia/Shanghai"

_moment: ContextVar[datetime | None] = ContextVar("guanxi_moment", default=None)


def now() -> datetime:
    """Return the current moment, aware, in UTC."""
    return _moment.get() or datetime.now(UTC)


def today(tz: str = BUSINESS_ZONE) -> date:
    """Return the current date in the time zone `tz` (an IANA name)."""
    return now().astimezone(ZoneInfo(tz)).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let `now()` be `moment` inside the block; `moment` must be aware."""
    if moment.tzinfo is None:
        raise ValueError("clock.at needs an aware datetime")
    token = _moment.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _moment.reset(token)


def in_future(**delta: float) -> datetime:
    """Return now plus a timedelta given by its keywords, such as `hours=2`."""
    return now() + timedelta(**delta)
