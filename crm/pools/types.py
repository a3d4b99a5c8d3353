"""Values that pools are described with, and the reckoning of when a record is due to come back.

The reckoning is one function for both uses: the live rule asks it about the future, a rehearsal about the past.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

WARN_DAYS = (3, 1)
GRACE = timedelta(days=WARN_DAYS[0])


@dataclass(frozen=True, slots=True)
class Terms:
    """What a recycle rule asks: how long without qualifying follow-up, how long without a deal; either one is enough.

    Empty levels and sources stand for all of them. `exempt_won` keeps the customers that have bought.
    """

    no_follow_up_days: int | None = None
    no_deal_days: int | None = None
    levels: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    exempt_won: bool = True

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Terms":
        """Read the stored form."""
        return cls(
            no_follow_up_days=value.get("no_follow_up_days"),
            no_deal_days=value.get("no_deal_days"),
            levels=tuple(value.get("levels") or ()),
            sources=tuple(value.get("sources") or ()),
            exempt_won=bool(value.get("exempt_won", True)),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {
            "no_follow_up_days": self.no_follow_up_days,
            "no_deal_days": self.no_deal_days,
            "levels": list(self.levels),
            "sources": list(self.sources),
            "exempt_won": self.exempt_won,
        }


@dataclass(frozen=True, slots=True)
class DealSpan:
    """A deal of a customer: when it began, when and how it ended, what it was worth."""

    created_at: datetime
    closed_at: datetime | None
    won: bool
    amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Life:
    """What has happened with a record that a rule looks at; `owners` are (since when, whose), oldest first."""

    created_at: datetime
    owners: tuple[tuple[datetime, int | None], ...]
    follow_ups: tuple[datetime, ...] = ()
    deals: tuple[DealSpan, ...] = ()
    # A lead's conversion: its success.
    converted_at: datetime | None = None
    protected_until: datetime | None = None

    def owner_at(self, moment: datetime) -> int | None:
        """Return whose the record was at a moment."""
        owner = None
        for since, member_id in self.owners:
            if since > moment:
                break
            owner = member_id
        return owner

    def won_after(self, moment: datetime) -> tuple[datetime, Decimal] | None:
        """Return when the record came to a success later than a moment, and its worth; None when it did not."""
        won = [(deal.closed_at, deal.amount) for deal in self.deals if deal.won and deal.closed_at]
        if self.converted_at is not None:
            won.append((self.converted_at, Decimal(0)))
        return min((success for success in won if success[0] > moment), default=None)


def first_due(terms: Terms, life: Life, *, begin: datetime, end: datetime, only_last: bool = False) -> datetime | None:
    """Return the first moment from `begin` to `end` at which the rule would take the record from its owner.

    Nothing later than the moment counts towards it, so that the answer for the past is what the rule would have done.
    With `only_last` the past is left alone: the time runs since the last mark, which is what counts for the future.
    """
    conditions = (
        (terms.no_follow_up_days, life.follow_ups),
        (terms.no_deal_days, tuple(deal.created_at for deal in life.deals)),
    )
    found = [
        _due_by(days, _starts(life, marks, only_last), terms, life, begin, end)
        for days, marks in conditions
        if days is not None
    ]
    return min((due for due in found if due is not None), default=None)


def _starts(life: Life, marks: tuple[datetime, ...], only_last: bool) -> list[datetime]:
    starts = sorted({life.created_at, *(since for since, owner in life.owners if owner is not None), *marks})
    return starts[-1:] if only_last else starts


def _due_by(
    days: int, starts: list[datetime], terms: Terms, life: Life, begin: datetime, end: datetime
) -> datetime | None:
    """Return the first moment at which so many days have gone by since the last mark."""
    for number, start in enumerate(starts):
        following = starts[number + 1] if number + 1 < len(starts) else None
        wanted = max(start + timedelta(days=days), begin, life.protected_until or begin)
        due = _past_exemptions(wanted, terms, life)
        if due is None or due > end or (following is not None and due >= following):
            continue
        if life.owner_at(due) is not None:
            return due
    return None


def _past_exemptions(due: datetime, terms: Terms, life: Life) -> datetime | None:
    """Move a due date behind the deals that are open at it; None when a deal or a conversion keeps the record."""
    moved: datetime | None = due
    for deal in sorted(life.deals, key=lambda each: each.created_at):
        if moved is None or deal.created_at > moved:
            break
        moved = _past_deal(moved, terms, deal)
    converted = life.converted_at
    return None if moved is None or (converted is not None and converted <= moved) else moved


def _past_deal(due: datetime, terms: Terms, deal: DealSpan) -> datetime | None:
    if deal.closed_at is None or (deal.won and terms.exempt_won):
        return None
    return max(due, deal.closed_at)


@dataclass(frozen=True, slots=True)
class Refused:
    """A record of a batch that was not done, and why."""

    entry_id: int
    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of a batch: the records that were done by id, and those that were refused."""

    done: tuple[int, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """How much a member may still take from a pool today; None is without a limit."""

    claims_left: int | None
    held: int
    held_limit: int | None
    views_left: int | None

    @property
    def left(self) -> int | None:
        """Return the smaller of what the day and the capacity leave."""
        held_left = None if self.held_limit is None else max(0, self.held_limit - self.held)
        known = [number for number in (self.claims_left, held_left) if number is not None]
        return min(known, default=None)
