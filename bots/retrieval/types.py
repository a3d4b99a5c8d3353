"""The values that retrieval takes and gives, and the port that an embedding model fills."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Vector = NDArray[np.float32]


class EntryKind(StrEnum):
    """A FAQ's answer may be sent as it stands; a chunk of an article is offered or quoted."""

    FAQ = "faq"
    CHUNK = "chunk"


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of knowledge that can answer a question."""

    key: str
    question: str
    answer: str
    similar: tuple[str, ...] = ()
    kind: EntryKind = EntryKind.FAQ
    language: str = ""

    @property
    def phrasings(self) -> tuple[str, ...]:
        return (self.question, *self.similar)


class Embedder(Protocol):
    """A model that turns texts into unit vectors. Vectors of two models never meet in one index."""

    @property
    def model_id(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed_queries(self, texts: Sequence[str]) -> Matrix: ...

    def embed_passages(self, texts: Sequence[str]) -> Matrix: ...


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry with its place in the answer to one question."""

    entry: Entry
    score: float
    lexical: float
    cosine: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the decision looks at. Each value keeps its meaning whatever the size of the index."""

    exact: bool = False
    coverage: float = 0.0
    """Share of the question's weight (by rarity) that the best phrasing contains."""
    focus: float = 0.0
    """Share of the best phrasing's weight that the question contains."""
    lexical_margin: float = 0.0
    """How far the best entry's words stand above the next one's, as a share of its own."""
    score: float = 0.0
    probability: float = 0.0
    """The best entry's share of the softmax over the entries of its language and the questions that no shop answers."""
    score_margin: float = 0.0
    cosine: float = 0.0
    cosine_margin: float = 0.0
    unknown: float = 0.0
    """Share of the question's weight that no entry knows at all."""
    embedded: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The ranked entries for one question, and the evidence about the first."""

    hits: tuple[Hit, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def best(self) -> Hit | None:
        return self.hits[0] if self.hits else None


class Verdict(StrEnum):
    """What the evidence allows."""

    DIRECT = "direct"
    MENU = "menu"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Confidence from which an answer is sent and from which the menu is offered, with vectors and by words alone."""

    direct: float = 0.85
    menu: float = 0.55
    margin: float = 0.25
    direct_words: float = 0.88
    menu_words: float = 0.6


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict with the entries it is about: one for a direct answer, up to three for a menu."""

    verdict: Verdict
    confidence: float
    hits: tuple[Hit, ...] = ()
