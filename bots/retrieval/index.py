"""One tenant's published knowledge, ready to be asked."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bots.retrieval.background import shipped_background
from bots.retrieval.bm25 import K1, LexicalIndex, tokens
from bots.retrieval.concepts import ConceptIndex, concepts_of
from bots.retrieval.normalise import exact_key, fold, language_of, normalise
from bots.retrieval.semantic import SemanticIndex, VectorSet
from bots.retrieval.types import Embedder, Entry, Evidence, Found, Hit, Vector

OTHER_LANGUAGE = 2.5
"""What an entry in another language than the question's loses while there are entries in the question's own."""


_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Weights:
    """What each kind of likeness adds to the fused score; learnt on the development split as a softmax over entries."""

    question: float
    passage: float
    words: float
    answer_words: float
    concepts: float
    answer_concepts: float


FUSED = Weights(question=6.0, passage=8.5, words=0.8, answer_words=1.6, concepts=1.6, answer_concepts=0.6)
LEXICAL_ALONE = Weights(question=0.0, passage=0.0, words=6.0, answer_words=4.0, concepts=3.0, answer_concepts=1.0)


def passage_of(entry: Entry) -> str:
    """The text whose vector stands for an entry as a whole."""
    return f"{entry.question} {entry.answer}"


def texts_to_embed(entries: Sequence[Entry]) -> tuple[list[str], list[str]]:
    """The texts that an index over these entries wants vectors of: as questions, and as passages."""
    questions = dict.fromkeys(normalise(phrasing) for entry in entries for phrasing in entry.phrasings)
    return list(questions), list(dict.fromkeys(passage_of(entry) for entry in entries))


DECOY_WEIGHT = 14.0
"""What likeness to a question that no shop answers weighs against the entries."""


@dataclass(frozen=True, slots=True)
class _Question:
    text: str
    language: str
    vector: Vector | None = None
    exact: int | None = None
    held_out: int | None = None
    decoy: int | None = None


class Index:
    """Ranks entries by exact match, character BM25, business concepts and, where vectors are there, meaning."""

    def __init__(self, entries: Sequence[Entry], vectors: VectorSet | None = None) -> None:
        self.entries = tuple(entries)
        phrasings = [phrasing for entry in self.entries for phrasing in entry.phrasings]
        self.owners = np.array([row for row, entry in enumerate(self.entries) for _ in entry.phrasings], dtype=np.int64)
        self.phrasings = tuple(phrasings)
        self._starts = (
            np.flatnonzero(np.r_[True, np.diff(self.owners) > 0]) if phrasings else np.zeros(0, dtype=np.int64)
        )
        self._languages = np.array([entry.language or language_of(entry.question) for entry in self.entries])
        self._exact = self._exact_keys()
        self._words = LexicalIndex(phrasings)
        self._answer_words = LexicalIndex([passage_of(entry) for entry in self.entries])
        self._concepts = ConceptIndex(
            [frozenset().union(*(concepts_of(fold(text)) for text in entry.phrasings)) for entry in self.entries]
        )
        self._answer_concepts = ConceptIndex([concepts_of(fold(entry.answer)) for entry in self.entries])
        self._semantic: SemanticIndex | None = None
        if vectors is not None and self.entries:
            self._semantic = SemanticIndex(
                vectors,
                [normalise(phrasing) for phrasing in phrasings],
                [str(self._languages[owner]) for owner in self.owners],
                [passage_of(entry) for entry in self.entries],
                [str(language) for language in self._languages],
            )

    @property
    def model_id(self) -> str:
        """The embedding model that this index was built with, or nothing."""
        return self._semantic.model_id if self._semantic else ""

    @property
    def nbytes(self) -> int:
        """About how much memory the index holds."""
        text = sum(len(phrasing) for phrasing in self.phrasings) + sum(len(entry.answer) for entry in self.entries)
        return text * 24 + len(self.entries) * 2048 + (self._semantic.nbytes if self._semantic else 0)

    def _exact_keys(self) -> dict[str, int]:
        found: dict[str, int] = {}
        shared: set[str] = set()
        for phrasing, owner in zip(self.phrasings, self.owners.tolist(), strict=True):
            key = exact_key(phrasing)
            if found.setdefault(key, owner) != owner:
                shared.add(key)
        return {key: owner for key, owner in found.items() if key not in shared and key}

    def search(self, text: str, *, embedder: Embedder | None = None, limit: int = 10) -> Found:
        """The entries nearest to a question. Its vector is computed only where words alone leave a doubt."""
        if not self.entries or not text.strip():
            return Found()
        question = _Question(text, language_of(text), exact=self._exact.get(exact_key(text)))
        lexical = self._ranked(question, limit)
        if self._semantic is None or embedder is None or question.exact is not None or _certain(lexical.evidence):
            return lexical
        if embedder.model_id != self._semantic.model_id:
            return lexical
        vector = embedder.embed_queries([normalise(text)])[0]
        return self._ranked(replace(question, vector=self._semantic.centred(vector, question.language)), limit)

    def search_without(self, phrasing: int, *, limit: int = 10) -> Found:
        """What the index would say to one of its own phrasings if nobody had stored it."""
        vector = (
            self._semantic.own_vector(phrasing) if self._semantic and self._semantic.known_questions[phrasing] else None
        )
        language = str(self._languages[self.owners[phrasing]])
        return self._ranked(_Question(self.phrasings[phrasing], language, vector, held_out=phrasing), limit)

    def search_decoy(self, decoy: int, *, limit: int = 10) -> Found:
        """What the index says to one of the shipped questions that no shop answers."""
        background = shipped_background()
        text, language = background.decoys[decoy], background.decoy_languages[decoy]
        if self._semantic is None or background.model_id != self._semantic.model_id:
            return self._ranked(_Question(text, language), limit)
        return self._ranked(
            _Question(text, language, self._semantic.centred(background.decoy_vectors[decoy], language), decoy=decoy),
            limit,
        )

    def _ranked(self, question: _Question, limit: int) -> Found:
        asked = tokens(question.text)
        lexical = self._lexical(asked, question)
        fused, cosine = self._fused(lexical.best_phrasing, asked, question)
        same = self._languages == question.language
        if same.any():
            fused = np.where(same | (self._languages == ""), fused, fused - OTHER_LANGUAGE)
        if question.exact is not None:
            fused[question.exact] = fused.max() + 100.0
        order = _first(fused, limit)
        hits = tuple(
            Hit(self.entries[at], float(fused[at]), float(lexical.best_phrasing[at]), float(cosine[at])) for at in order
        )
        return Found(hits, self._evidence(order[0], fused, cosine, lexical, question))

    def _lexical(self, asked: Counter[str], question: _Question) -> "_Lexical":
        words, shared = self._words.scores(asked)
        if question.held_out is not None:
            words[question.held_out] = shared[question.held_out] = 0.0
        total, unknown = self._words.mass(asked, held_out=question.held_out is not None)
        best = np.asarray(np.maximum.reduceat(words, self._starts) / max(total * (K1 + 1), _TINY), dtype=np.float32)
        return _Lexical(best, shared, max(total, _TINY), unknown)

    def _fused(self, words: Vector, asked: Counter[str], question: _Question) -> tuple[Vector, Vector]:
        weights = FUSED if question.vector is not None else LEXICAL_ALONE
        total, _ = self._answer_words.mass(asked)
        answers = self._answer_words.scores(asked)[0] / max(total * (K1 + 1), _TINY)
        meant = concepts_of(fold(question.text))
        fused = weights.words * words + weights.answer_words * answers
        fused += weights.concepts * self._concepts.shares(
            meant
        ) + weights.answer_concepts * self._answer_concepts.shares(meant)
        if question.vector is None or self._semantic is None:
            return fused, np.zeros(len(self.entries), dtype=np.float32)
        by_phrasing, by_passage = self._semantic.cosines(question.vector)
        if question.held_out is not None:
            by_phrasing[question.held_out] = -1.0
        cosine: Vector = np.maximum.reduceat(by_phrasing, self._starts)
        return fused + weights.question * cosine + weights.passage * by_passage, cosine

    def _evidence(self, best: int, fused: Vector, cosine: Vector, lexical: "_Lexical", question: _Question) -> Evidence:
        rivals = (self._languages == self._languages[best]) & (np.arange(len(fused)) != best)
        begin = int(self._starts[best])
        row = begin + int(lexical.shared[begin : begin + len(self.entries[best].phrasings)].argmax())
        top = float(fused[best])
        against = float(np.exp(fused[rivals] - top).sum())
        if question.vector is not None and self._semantic is not None:
            decoys = self._semantic.decoy_cosines(question.vector, without=question.decoy)
            against += float(np.exp(np.clip(DECOY_WEIGHT * decoys - top, -50, 50)).sum())
        return Evidence(
            exact=question.exact is not None,
            coverage=float(lexical.shared[row]) / lexical.total,
            focus=float(lexical.shared[row]) / max(self._words.document_mass(row), _TINY),
            lexical_margin=_margin(lexical.best_phrasing, best, rivals),
            score=top,
            probability=1.0 / (1.0 + against),
            score_margin=top - float(fused[rivals].max()) if rivals.any() else top,
            cosine=float(cosine[best]),
            cosine_margin=float(cosine[best] - cosine[rivals].max()) if rivals.any() else float(cosine[best]),
            unknown=lexical.unknown / lexical.total,
            embedded=question.vector is not None,
        )


@dataclass(frozen=True, slots=True)
class _Lexical:
    best_phrasing: Vector
    shared: Vector
    total: float
    unknown: float


def _margin(scores: Vector, best: int, rivals: np.ndarray) -> float:
    top = float(scores[best])
    return (top - float(scores[rivals].max())) / top if rivals.any() and top > 0 else (1.0 if top > 0 else 0.0)


def _first(scores: Vector, limit: int) -> list[int]:
    count = min(limit, len(scores))
    chosen = np.argpartition(-scores, count - 1)[:count] if count < len(scores) else np.arange(len(scores))
    return sorted(chosen.tolist(), key=lambda at: (-float(scores[at]), at))


def _certain(evidence: Evidence) -> bool:
    return evidence.coverage >= 0.95 and evidence.focus >= 0.9 and evidence.lexical_margin >= 0.3
