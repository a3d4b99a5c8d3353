"""Small types of duplicates, and which kinds take part."""

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class Entry(enum.StrEnum):
    """By which way a record comes in."""

    MANUAL = "manual"
    API = "api"
    IMPORT = "import"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind that is compared: `name_field` holds a company's name, `counts` says whether a record is still one of
    the base (a lead that became a customer is not), `against` names the kinds that it is compared with.
    """

    kind: str
    against: tuple[str, ...]
    name_field: str = ""
    counts: Callable[[Any], bool] = lambda record: True


@dataclass(frozen=True, slots=True)
class Match:
    """A record that is in the base already, as the actor may know of it.

    What the actor may not see has no title: it is told whose it is, that it lies in a pool (`owner` empty), and until
    when it is protected.
    """

    kind: str
    record_id: int
    score: float
    sorts: tuple[str, ...]
    visible: bool
    title: str
    owner: str
    department: str
    archived: bool
    protected_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens when a new record is known already."""

    kind: str
    entry: str
    action: str
    sorts: tuple[str, ...]
    joins: bool
    requests: bool
    version: int = 0


ProtectionSource = Callable[[str, Iterable[int]], Mapping[int, datetime | None]]
_subjects: dict[str, Subject] = {}
_protections: list[ProtectionSource] = []


def register_subject(subject: Subject) -> None:
    """Let a kind be compared; an app does it in its AppConfig.ready."""
    _subjects[subject.kind] = subject


def subjects() -> dict[str, Subject]:
    """Return the kinds that are compared."""
    return dict(_subjects)


def register_protection(source: ProtectionSource) -> None:
    """Register who knows until when records keep their owner: `source(kind, ids)` returns moments by id."""
    if source not in _protections:
        _protections.append(source)


def protections(kind: str, ids: Iterable[int]) -> dict[int, datetime | None]:
    """Return until when records keep their owner."""
    wanted = list(ids)
    found: dict[int, datetime | None] = {}
    for source in _protections:
        found |= source(kind, wanted)
    return found
