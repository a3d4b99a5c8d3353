"""The windows in which an account may write to a person, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tests.fakes.wechat.errors import Refusal

HOUR = 3600


class Cause(StrEnum):
    MESSAGE = "message"
    EVENT = "event"


ALLOWANCES: dict[Cause, tuple[int, int]] = {Cause.MESSAGE: (5, 48 * HOUR), Cause.EVENT: (3, 60)}


@dataclass
class Grant:
    """What one act of a person allows: so many messages until a moment."""

    cause: str
    remaining: int
    until: float


def grant(grants: list[Grant], cause: Cause, now: float) -> list[Grant]:
    """A new act renews the allowance of its own kind; allowances of different kinds do not add up."""
    count, seconds = ALLOWANCES[cause]
    kept = [each for each in grants if each.cause != cause and each.until > now]
    return [*kept, Grant(cause=str(cause), remaining=count, until=now + seconds)]


def remaining(grants: list[Grant], now: float) -> int:
    return max((each.remaining for each in grants if each.until > now), default=0)


def open_until(grants: list[Grant], now: float) -> float:
    return max((each.until for each in grants if each.until > now), default=0.0)


def spend(grants: list[Grant], now: float) -> None:
    """Use one message of every open allowance, or refuse."""
    live = [each for each in grants if each.until > now]
    if not live:
        raise Refusal(45015)
    if remaining(live, now) < 1:
        raise Refusal(45047)
    for each in live:
        each.remaining = max(0, each.remaining - 1)
