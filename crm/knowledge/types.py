"""What the knowledge base hands to those who search in it."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

_NOT_WORD = re.compile(r"[\W_]+")
_HAS_CJK = re.compile(r"[\u3400-\u9fff]")

LANGUAGES = ("zh", "en", "")
MAX_QUESTION = 300
MAX_ANSWER = 2000
MAX_SIMILAR = 50
MAX_BODY = 200_000


def question_key(text: str) -> str:
    """Two questions with the same key are the same question."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text).casefold())


def guess_language(text: str) -> str:
    """Return zh for a text with Chinese characters, else en."""
    return "zh" if _HAS_CJK.search(text) else "en"


@dataclass(frozen=True, slots=True)
class PublishedPiece:
    """A piece of knowledge that may answer now; `ref` is `faq:7` or `chunk:12`."""

    ref: str
    question: str
    answer: str
    similar: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """Which state of what is published this is; the day counts only while some entry is valid for a time."""

    number: int
    day: date | None = None

    def __str__(self) -> str:
        return f"{self.number}@{self.day.isoformat()}" if self.day else str(self.number)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row of a spreadsheet; a problem of the whole file has row 0."""

    row: int
    field: str
    code: str


@dataclass(frozen=True, slots=True)
class FaqRow:
    """A row of a spreadsheet, read."""

    row: int
    question: str
    answer: str
    similar: tuple[str, ...] = ()
    language: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetContent:
    """A spreadsheet, read: the rows that can be taken, and what is wrong with the others."""

    rows: tuple[FaqRow, ...]
    problems: tuple[RowProblem, ...] = field(default_factory=tuple)
    columns: tuple[str, ...] = ()
