"""Decides for each row of a chunk what becomes of it: a new record, a change, nothing, or an error."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, TypeVar

from crm.imports.columns.targets import targets_of
from crm.imports.services.matching import Matcher, Relations, key_value
from crm.imports.services.parsing import Parser
from crm.imports.types import OnMatch, Options, Row
from crm.records.fields import FieldType
from guanxi.access import Actor

T = TypeVar("T")


class Action(StrEnum):
    """What becomes of a row."""

    CREATE = "create"
    CHANGE = "change"
    SKIP = "skip"
    REFUSE = "refuse"


@dataclass(slots=True)
class Planned:
    """A row, what becomes of it, and the record that it changes."""

    row: Row
    action: Action
    record_id: int | None = None


def chunks_of(rows: Iterator[T], size: int) -> Iterator[list[T]]:
    """Yield the rows in lists of a size."""
    while chunk := list(islice(rows, size)):
        yield chunk


class Planner:
    """Plans the chunks of one import."""

    def __init__(self, actor: Actor, kind: str, mapping: Sequence[str], options: Options) -> None:
        self.options = options
        self.parser = Parser(actor, kind, mapping, options)
        self.matcher = Matcher(actor, kind, options.match_keys)
        targets = targets_of(actor, kind)
        points = {
            name: targets[name].field.relation
            for name in mapping
            if name in targets and targets[name].field.type is FieldType.RELATION
        }
        self.relations = Relations(actor, points)

    def parse(self, chunk: Sequence[tuple[int, Sequence[Any]]]) -> list[Row]:
        """Return the rows of a chunk with values, the names in them replaced by ids."""
        rows = [self.parser.parse(number, cells) for number, cells in chunk]
        self.relations.resolve(rows)
        return rows

    def wave(self, rows: Sequence[Row], *, lock: bool) -> tuple[list[Planned], list[Row], dict[int, Any]]:
        """Return the plan for rows that do not concern each other, the rows that must wait for them, and the locked
        records that the plan changes.
        """
        sound = [row for row in rows if not row.problems]
        matched = self.matcher.match(sound)
        changes = self.options.on_match in (OnMatch.FILL, OnMatch.OVERWRITE)
        records = {}
        if changes and lock:
            records = self.matcher.reachable(pk for ids in matched.values() for pk in ids[:1])
        planned, waiting = [], []
        seen: set[tuple[str, Any]] = set()
        touched: set[int] = set()
        for row in rows:
            if row.problems:
                planned.append(Planned(row, Action.REFUSE))
                continue
            ids = matched.get(row.number, [])
            keys = {(key, value) for key in self.options.match_keys if (value := key_value(row, key)) is not None}
            if self.options.on_match is not OnMatch.CREATE and (keys & seen or touched & set(ids)):
                waiting.append(row)
                continue
            seen |= keys
            plan = self._decide(row, ids, records if lock else None)
            if plan.record_id is not None:
                touched.add(plan.record_id)
            planned.append(plan)
        return planned, waiting, records

    def _decide(self, row: Row, ids: list[int], records: dict[int, Any] | None) -> Planned:
        if not ids:
            if key_value(row, "id") is not None and "id" in self.options.match_keys:
                row.fault("id", "unknown_id")
                return Planned(row, Action.REFUSE)
            return Planned(row, Action.CREATE)
        if self.options.on_match is OnMatch.CREATE:
            return Planned(row, Action.CREATE)
        if self.options.on_match is OnMatch.SKIP:
            return Planned(row, Action.SKIP)
        if len(ids) > 1:
            row.fault("", "ambiguous_match")
        elif records is not None and ids[0] not in records:
            row.fault("", "out_of_reach")
        else:
            return Planned(row, Action.CHANGE, ids[0])
        return Planned(row, Action.REFUSE)
