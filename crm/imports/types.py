"""Small types of imports and exports."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

UNDO_WITHIN = timedelta(hours=24)
EXPORT_KEPT = timedelta(hours=24)
SAMPLE_ROWS = 20
SHOWN_PROBLEMS = 200
CHUNK = 1000


class OnMatch(StrEnum):
    """What becomes of a row that is a record already."""

    SKIP = "skip"
    FILL = "fill"
    OVERWRITE = "overwrite"
    CREATE = "create"


class BadRows(StrEnum):
    """What becomes of an import that has rows with errors."""

    SKIP = "skip"
    STOP = "stop"


class OwnerRule(StrEnum):
    """Whose the rows become that name no owner."""

    IMPORTER = "importer"
    NOBODY = "nobody"
    TURNS = "turns"


@dataclass(frozen=True, slots=True)
class Options:
    """How a table is taken in."""

    match_keys: tuple[str, ...] = ()
    on_match: OnMatch = OnMatch.SKIP
    bad_rows: BadRows = BadRows.SKIP
    owner_rule: OwnerRule = OwnerRule.IMPORTER
    owner_ids: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    source: str = ""

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Options":
        """Read the stored form."""
        return cls(
            match_keys=tuple(value.get("match_keys", ())),
            on_match=OnMatch(value.get("on_match", "skip")),
            bad_rows=BadRows(value.get("bad_rows", "skip")),
            owner_rule=OwnerRule(value.get("owner_rule", "importer")),
            owner_ids=tuple(value.get("owner_ids", ())),
            tags=tuple(value.get("tags", ())),
            source=value.get("source", ""),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {name: list(value) if isinstance(value, tuple) else str(value) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with a cell, or with a row when `column` is empty; `code` has its words in the catalogue."""

    column: str
    code: str


@dataclass(slots=True)
class Row:
    """A row of the table on its way to a record."""

    number: int
    cells: list[str]
    values: dict[str, Any] = field(default_factory=dict)
    contact: dict[str, Any] = field(default_factory=dict)
    owner_id: int | None = None
    problems: list[CellProblem] = field(default_factory=list)

    def fault(self, column: str, code: str) -> None:
        """Note what is wrong."""
        self.problems.append(CellProblem(column, code))
