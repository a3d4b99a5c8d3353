"""The concepts behind words: a customer's 「邮费」 and the shop's 「运费」 are one."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources

import numpy as np

from bots.retrieval.normalise import fold
from bots.retrieval.types import Vector

_HAS_LATIN = re.compile("[a-z]")


@cache
def _lexicon() -> tuple[dict[str, tuple[str, ...]], re.Pattern[str], tuple[tuple[re.Pattern[str], str], ...]]:
    chinese: dict[str, list[str]] = {}
    latin: dict[str, list[str]] = {}
    for line in resources.files("bots.retrieval").joinpath("data", "concepts.txt").read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, words = line.split("|", 1)
        for word in filter(None, (fold(word) for word in words.split(","))):
            if _HAS_LATIN.search(word):
                latin.setdefault(name.strip(), []).append(re.escape(word).replace(r"\*", "[a-z]*"))
            else:
                chinese.setdefault(word, []).append(name.strip())
    longest_first = sorted(chinese, key=len, reverse=True)
    english = tuple((re.compile(r"\b(?:" + "|".join(words) + r")\b"), name) for name, words in latin.items())
    return (
        {word: tuple(names) for word, names in chinese.items()},
        re.compile("|".join(map(re.escape, longest_first))),
        english,
    )


@lru_cache(maxsize=8192)
def concepts_of(text: str) -> frozenset[str]:
    """The names of the concepts that a folded text speaks of."""
    by_word, chinese, english = _lexicon()
    names = {name for word in chinese.findall(text) for name in by_word[word]}
    if _HAS_LATIN.search(text):
        names.update(name for pattern, name in english if pattern.search(text))
    return frozenset(names)


class ConceptIndex:
    """Which texts speak of which concepts; answers what share of a question's concepts each text shares."""

    def __init__(self, texts: Sequence[frozenset[str]]) -> None:
        self._columns = {name: at for at, name in enumerate(sorted(set().union(*texts)))}
        self._held = np.zeros((len(texts), len(self._columns)), dtype=np.float32)
        for row, names in enumerate(texts):
            self._held[row, [self._columns[name] for name in names]] = 1.0
        counted = self._held.sum(axis=0)
        self._weights = np.log1p(len(texts) / (counted + 0.5)).astype(np.float32)
        self._unknown_weight = float(np.log1p(len(texts) / 0.5))

    def shares(self, question: frozenset[str]) -> Vector:
        """For each text the share of the question's concepts, weighted by rarity, that it has too."""
        at = [self._columns[name] for name in question if name in self._columns]
        total = float(self._weights[at].sum()) + self._unknown_weight * (len(question) - len(at))
        if not at or not total:
            return np.zeros(len(self._held), dtype=np.float32)
        shared: Vector = self._held[:, at] @ self._weights[at] / total
        return shared


@cache
def _words_by_concept() -> dict[str, tuple[str, ...]]:
    by_word, _, _ = _lexicon()
    gathered: dict[str, list[str]] = {}
    for word, names in by_word.items():
        for name in names:
            gathered.setdefault(name, []).append(word)
    return {name: tuple(words) for name, words in gathered.items()}


def synonyms_in(text: str) -> dict[str, tuple[str, ...]]:
    """For each Chinese word of a folded text that belongs to one concept alone, other words of like length for it."""
    by_word, chinese, _ = _lexicon()
    found: dict[str, tuple[str, ...]] = {}
    for word in chinese.findall(text):
        names = by_word[word]
        if len(names) == 1:
            others = tuple(
                other for other in _words_by_concept()[names[0]] if other != word and abs(len(other) - len(word)) <= 1
            )
            found[word] = others
    return found
