"""Small types of handovers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

UNDO_WITHIN = timedelta(days=7)
CHUNK = 200
CAP = 10_000
MAX_CHOSEN = 10_000
RUN_JOB, UNDO_JOB = "handover.run", "handover.undo"
# In this order: what hangs below a customer follows it to its new owner.
KINDS = ("customer", "lead", "contact", "deal", "task", "activity", "conversation")
RECORDS = ("customer", "lead", "contact", "deal")


class Rule(StrEnum):
    """By what several receivers share."""

    EVENLY = "evenly"
    DEPARTMENT = "department"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class What:
    """What is handed over: all of these kinds, or of some kinds only chosen records and what hangs below them."""

    kinds: tuple[str, ...] = KINDS
    ids: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    closed: bool = False
    places: bool = True

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "What":
        """Read the stored form."""
        ids = {kind: tuple(chosen) for kind, chosen in value.get("ids", {}).items()}
        return cls(tuple(value.get("kinds", KINDS)), ids, bool(value.get("closed")), bool(value.get("places", True)))

    def to_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Share:
    """Who gets what is of this department or region."""

    value: str
    member_id: int


@dataclass(frozen=True, slots=True)
class Target:
    """To whom: members by a rule, the first of whom gets what no rule names; leads and customers perhaps into pools."""

    member_ids: tuple[int, ...] = ()
    rule: Rule = Rule.EVENLY
    shares: tuple[Share, ...] = ()
    pool_ids: Mapping[str, int] = field(default_factory=dict)
    queue: bool = False

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Target":
        """Read the stored form."""
        return cls(
            member_ids=tuple(value.get("member_ids", ())),
            rule=Rule(value.get("rule", "evenly")),
            shares=tuple(Share(str(share["value"]), share["member_id"]) for share in value.get("shares", ())),
            pool_ids=dict(value.get("pool_ids", {})),
            queue=bool(value.get("queue")),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {**asdict(self), "rule": self.rule.value}

    @property
    def receiver_ids(self) -> list[int]:
        """Everybody who may get something."""
        return list(dict.fromkeys([*self.member_ids, *(share.member_id for share in self.shares)]))


@dataclass(frozen=True, slots=True)
class Place:
    """Something that names a member and must name another: a rule, a team, a pool, a department's head, a report."""

    kind: str
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Number:
    """How many, at least; not exact when counting stopped at the cap."""

    count: int
    exact: bool = True
