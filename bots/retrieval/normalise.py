"""One spelling for what people type: width, case, script, punctuation and the polite words around a question."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

from bots.retrieval.wordlists import word_list

_CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAS_CJK = re.compile(f"[{_CJK}]")
_NOT_WORD = re.compile(f"[^0-9a-z{_CJK}]+")
_LONG_RUN = re.compile(r"(.)\1{2,}")

_PARTICLES = re.compile(f"[{''.join(word_list('particles_zh'))}]+")


def _any_of(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_ZH = re.compile(_any_of(word_list("courtesies_zh")))
_EN = re.compile(rf"\b(?:{_any_of(word_list('courtesies_en'))})\b")


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Full width becomes half, upper case lower, traditional characters simplified, a long run of one sign two."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    if _HAS_CJK.search(folded):
        folded = _converter().convert(folded)
    return _LONG_RUN.sub(r"\1\1", folded).strip()


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """The question without its courtesies and punctuation; a text of courtesies alone stays as it is."""
    folded = fold(text)
    bare = _PARTICLES.sub(" ", _EN.sub(" ", _ZH.sub(" ", folded)))
    words = _NOT_WORD.sub(" ", bare).strip()
    return words or _NOT_WORD.sub(" ", folded).strip()


def exact_key(text: str) -> str:
    """Two texts with the same key are the same question."""
    return normalise(text).replace(" ", "")


def language_of(text: str) -> str:
    """`zh` when a fair part of the text is Chinese, `en` for Latin letters, empty for neither."""
    chinese = len(_HAS_CJK.findall(text))
    latin = len(re.findall(r"[A-Za-z]+", text))
    if chinese and chinese * 2 >= latin:
        return "zh"
    return "en" if latin else ""
