"""Cosine search over a tenant's vectors, centred by language so that what all texts share does not count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bots.retrieval.background import background_of
from bots.retrieval.types import Matrix, Vector

PRIOR_TEXTS = 30
"""How many texts of its own a language needs before its own centre outweighs the shipped one."""


class MixedVectors(ValueError):
    """Vectors of another model or dimension were offered to an index."""


@dataclass(frozen=True, slots=True)
class VectorSet:
    """Vectors of one model: by text, as a question and as a passage."""

    model_id: str
    dimension: int
    questions: Mapping[str, Vector]
    passages: Mapping[str, Vector]


class SemanticIndex:
    """Question vectors by phrasing row and passage vectors by entry row; a row without a vector scores zero."""

    def __init__(
        self,
        vectors: VectorSet,
        phrasings: Sequence[str],
        phrasing_languages: Sequence[str],
        passages: Sequence[str],
        languages: Sequence[str],
    ) -> None:
        self.model_id = vectors.model_id
        self.dimension = vectors.dimension
        self._background = background_of(vectors.model_id)
        for vector in (*vectors.questions.values(), *vectors.passages.values()):
            if len(vector) != self.dimension:
                raise MixedVectors(f"A vector of {len(vector)} numbers among vectors of {self.dimension}.")
        self._centres: dict[str, Vector] = {}
        known = [
            (vectors.questions.get(text), language)
            for text, language in zip(phrasings, phrasing_languages, strict=True)
        ]
        self.known_questions = np.array([vector is not None for vector, _ in known], dtype=bool)
        for language in {*phrasing_languages, *languages}:
            own = [vector for vector, of in known if of == language and vector is not None]
            self._centres[language] = self._shrunk(own, language)
        self._questions = self._stack([vector for vector, _ in known], phrasing_languages, self._centres)
        raw_passages = [vectors.passages.get(text) for text in passages]
        passage_centres = {
            language: self._shrunk(
                [v for v, of in zip(raw_passages, languages, strict=True) if of == language and v is not None], language
            )
            for language in set(languages)
        }
        self._passages = self._stack(raw_passages, languages, passage_centres)
        self._decoys = self._centred_decoys()

    def _centred_decoys(self) -> Matrix:
        if self._background is None:
            return np.zeros((0, self.dimension), dtype=np.float32)
        pairs = zip(self._background.decoy_vectors, self._background.decoy_languages, strict=True)
        return np.array([self.centred(vector, language) for vector, language in pairs], dtype=np.float32)

    def _prior(self, language: str) -> Vector:
        shipped = self._background.centres.get(language) if self._background else None
        return shipped if shipped is not None else np.zeros(self.dimension, dtype=np.float32)

    def _shrunk(self, own: Sequence[Vector], language: str) -> Vector:
        prior = self._prior(language) * PRIOR_TEXTS
        total: Vector = (np.sum(own, axis=0) + prior) if own else prior
        return np.asarray(total / (len(own) + PRIOR_TEXTS), dtype=np.float32)

    def _stack(self, rows: Sequence[Vector | None], languages: Sequence[str], centres: Mapping[str, Vector]) -> Matrix:
        stacked = np.zeros((len(rows), self.dimension), dtype=np.float32)
        for at, (vector, language) in enumerate(zip(rows, languages, strict=True)):
            if vector is None:
                continue
            stacked[at] = _unit(vector - centres[language])
        return stacked

    def centred(self, vector: Vector, language: str) -> Vector:
        """A question's vector in the index's own coordinates."""
        centre = self._centres.get(language)
        return _unit(vector - (centre if centre is not None else self._prior(language)))

    def own_vector(self, phrasing: int) -> Vector:
        """The centred vector of a phrasing of the index itself."""
        return np.asarray(self._questions[phrasing], dtype=np.float32)

    def cosines(self, centred: Vector) -> tuple[Vector, Vector]:
        """Cosine to each phrasing, and to each entry's passage."""
        return self._questions @ centred, self._passages @ centred

    def decoy_cosines(self, centred: Vector, *, without: int | None = None) -> Vector:
        """Cosine to each question that no shop answers, leaving one out where it is itself the question."""
        cosines: Vector = self._decoys @ centred
        return cosines if without is None else np.delete(cosines, without)

    @property
    def nbytes(self) -> int:
        return int(self._questions.nbytes + self._passages.nbytes)


def _unit(vector: Vector) -> Vector:
    norm = float(np.linalg.norm(vector))
    return np.asarray(vector / norm if norm else vector, dtype=np.float32)
