"""The concepts behind words: a customer's 「邮费」 and the shop's 「运费」 are one."""

import re
from functools import cache, lru_cache
from importlib import resources

from bots.retrieval.normalise import fold

_HAS_LATIN = re.compile("[a-z]")


@cache
def _lexicon() -> tuple[dict[str, tuple[str, ...]], re.Pattern[str], tuple[tuple[re.Pattern[str], str], ...]]:
    chinese: dict[str, list[str]] = {}
    latin: dict[str, list[str]] = {}
    for line in resources.files("bots.retrieval").joinpath("concepts.txt").read_text("utf-8").splitlines():
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
    return {word: tuple(names) for word, names in chinese.items()}, re.compile("|".join(map(re.escape, longest_first))), english


@lru_cache(maxsize=8192)
def concepts_of(text: str) -> frozenset[str]:
    """The names of the concepts that a folded text speaks of."""
    by_word, chinese, english = _lexicon()
    names = {name for word in chinese.findall(text) for name in by_word[word]}
    if _HAS_LATIN.search(text):
        names.update(name for pattern, name in english if pattern.search(text))
    return frozenset(names)
