"""The word lists that retrieval ships."""

from functools import cache
from importlib import resources


@cache
def word_list(name: str) -> tuple[str, ...]:
    """Return a list of `words.txt` by its name."""
    return _lists()[name]


@cache
def _lists() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    name = ""
    for line in resources.files("bots.retrieval").joinpath("data", "words.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        elif line.strip() and not line.startswith("#"):
            found.setdefault(name, []).extend(word.strip() for word in line.split(",") if word.strip())
    return {name: tuple(words) for name, words in found.items()}
