"""Question sets: entries, questions with the entry they expect, and questions that nothing should answer."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from bots.retrieval.types import Entry


class BadSet(ValueError):
    """A file of a set cannot be read; says which line and why."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question and the key of the entry that answers it, or nothing."""

    question: str
    expect: str | None
    split: str = ""
    near: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Entries and the questions to put to them."""

    entries: tuple[Entry, ...]
    queries: tuple[Query, ...]

    def part(self, split: str) -> "QuestionSet":
        return QuestionSet(self.entries, tuple(query for query in self.queries if query.split == split))


@cache
def own_set() -> QuestionSet:
    """Our own set: a tea-and-gifts wholesaler, in Chinese and English, with a development and a test split."""
    data = resources.files("bots.evaluation").joinpath("data")
    return read_set(data / "faqs.jsonl", data / "queries.jsonl", data / "out_of_scope.jsonl")


def read_set(
    faqs: Path | Traversable, queries: Path | Traversable | None = None, out_of_scope: Path | Traversable | None = None
) -> QuestionSet:
    """A set from JSON lines.

    Entries are `{"id","question","similar":[],"answer"}`, queries `{"question","expect": id or null}`, and what is out
    of scope is `{"question"}`.
    """
    entries = tuple(_entry(row, where) for row, where in _rows(faqs))
    keys = {entry.key for entry in entries}
    if len(keys) < len(entries):
        raise BadSet(f"{faqs}: an id stands more than once.")
    asked = [*_queries(queries, keys), *(_unanswerable(out_of_scope))]
    return QuestionSet(entries, tuple(asked))


def _entry(row: Mapping[str, Any], where: str) -> Entry:
    question = row.get("question")
    if not isinstance(question, str) or "id" not in row:
        raise BadSet(f'{where}: an entry needs an "id" and a "question".')
    return Entry(
        key=str(row["id"]),
        question=question,
        answer=str(row.get("answer") or ""),
        similar=_similar(row, where),
        language=str(row.get("language") or ""),
    )


def _similar(row: Mapping[str, Any], where: str) -> tuple[str, ...]:
    similar = row.get("similar") or []
    if not isinstance(similar, list) or not all(isinstance(text, str) for text in similar):
        raise BadSet(f'{where}: "similar" is a list of strings.')
    return tuple(similar)


def _queries(source: Path | Traversable | None, keys: set[str]) -> Iterator[Query]:
    for row, where in _rows(source):
        question = row.get("question", row.get("query"))
        if not isinstance(question, str):
            raise BadSet(f'{where}: a query needs a "question".')
        expect = row.get("expect")
        if expect is not None and str(expect) not in keys:
            raise BadSet(f"{where}: expects {expect}, which no entry has as its id.")
        yield Query(
            question,
            None if expect is None else str(expect),
            str(row.get("split") or ""),
            bool(row.get("near")),
            str(row.get("language") or ""),
        )


def _unanswerable(source: Path | Traversable | None) -> Iterator[Query]:
    for row, where in _rows(source):
        if not isinstance(row.get("question"), str):
            raise BadSet(f'{where}: an out-of-scope line needs a "question".')
        yield Query(
            row["question"], None, str(row.get("split") or ""), bool(row.get("near")), str(row.get("language") or "")
        )


def _rows(source: Path | Traversable | None) -> Iterable[tuple[Mapping[str, Any], str]]:
    if source is None:
        return
    try:
        text = source.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise BadSet(f"{source}: {problem}") from problem
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield _parsed(line, f"{source}, line {number}"), f"{source}, line {number}"


def _parsed(line: str, where: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as problem:
        raise BadSet(f"{where}: not JSON ({problem}).") from problem
    if not isinstance(row, dict):
        raise BadSet(f"{where}: not an object.")
    return row
