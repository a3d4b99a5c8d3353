"""Small types of activities, and which of them count as follow-up."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

WRITTEN_KINDS = frozenset({"note", "call", "visit", "meeting", "email", "letter"})
PLANNED_KINDS = frozenset({"call", "visit", "meeting"})
OUTCOMES = frozenset({"", "reached", "not_reached", "positive", "neutral", "negative"})
# Somebody met or wrote to the customer; a note only speaks about one.
_ALWAYS_QUALIFY = frozenset({"visit", "meeting"})
_QUALIFY_BY_A_PERSON = frozenset({"email", "letter", "message"})


def qualifies(kind: str, *, state: str, by_person: bool, has_result: bool) -> bool:
    """Return whether an activity counts as follow-up: a visit or meeting that took place, a call with a result, a
    message that a person wrote.
    """
    if state != "done" or not by_person:
        return False
    return kind in _ALWAYS_QUALIFY or kind in _QUALIFY_BY_A_PERSON or (kind == "call" and has_result)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a phone says that it is; everything may be unknown but then the address is told."""

    latitude: Decimal | None = None
    longitude: Decimal | None = None
    accuracy: int | None = None
    address: str = ""
    file_id: int | None = None


@dataclass(frozen=True, slots=True)
class TalkDay:
    """What was said in a conversation on one day: how many messages, when the last, and by which member lately."""

    day: date
    begins_at: datetime
    at: datetime
    messages: int
    last: str
    member_id: int | None


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """An activity or a task, as a calendar shows one."""

    id: str
    source: str
    source_id: int
    kind: str
    state: str
    title: str
    starts_at: datetime
    ends_at: datetime | None
    place: str
    member_id: int | None
    member: Any
    participant_ids: list[int]
    record_kind: str
    record_id: int | None
    record_title: str
    own: bool
    version: int
