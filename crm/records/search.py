"""Search keys of a record: character 1+2-grams, pinyin initials and phone tails in one indexed array.

A trigram index cannot answer the two-character words that Chinese names are searched by; containment in an array of
grams can.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from django.db.models import Q

MAX_KEYS = 1200
# Names are searched by initials, sentences are not.
NAME_LENGTH = 60
MIN_TAIL = 4
_WORD = re.compile(r"[0-9a-z]+|[\u3400-\u9fff]+")


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _grams(run: str) -> set[str]:
    return {run[i : i + n] for n in (1, 2) for i in range(len(run) - n + 1)}


@lru_cache(maxsize=20_000)
def _initials(run: str) -> str:
    # Imported late: the dictionary of pinyin costs 30 MB, which a process that never writes a name should not pay.
    from pypinyin import Style, lazy_pinyin

    return "".join(part[:1] for part in lazy_pinyin(run, style=Style.FIRST_LETTER, errors="ignore"))


def search_keys(*texts: str, phones: Iterable[str] = ()) -> list[str]:
    """Return the keys that a record with these texts and phones is found by.

    There are at most 1,200; what is cut off first are the initials, then the ends of the last texts.
    """
    grams: dict[str, None] = {}
    initials: dict[str, None] = {}
    for text in texts:
        for run in _WORD.findall(_normal(text)):
            grams |= dict.fromkeys(sorted(_grams(run)))
            if run.isdigit() and len(run) >= MIN_TAIL:
                grams[f"d:{run}"] = None
            if run[0] > "\u3000" and len(text) <= NAME_LENGTH:
                initials |= dict.fromkeys(_initial_keys(_initials(run)))
    return list({**dict.fromkeys(_tails(phones)), **grams, **initials})[:MAX_KEYS]


def _initial_keys(initials: str) -> list[str]:
    length = len(initials)
    return [f"y:{initials[i:j]}" for i in range(length) for j in range(i + 2, min(length, i + 8) + 1)]


def _tails(phones: Iterable[str]) -> list[str]:
    numbers = [re.sub(r"\D", "", _normal(phone))[-11:] for phone in phones]
    return [f"p:{digits[i:]}" for digits in numbers for i in range(max(0, len(digits) - MIN_TAIL + 1))]


def search_q(text: str, *, field: str = "search_keys") -> Q:
    """Return the filter for records that match `text`: part of a name, pinyin initials, or a phone's tail of four
    digits and more.
    """
    normal = _normal(text).strip()
    runs = _WORD.findall(normal)
    if not runs:
        return Q(pk__in=[])
    digits = re.sub(r"\D", "", normal)
    if len(digits) >= MIN_TAIL and not re.search(r"[^\d\s+()-]", normal):
        # Pairs of digits stand in every phone and sort out nothing: a number is looked for as a whole, or as a tail.
        return Q(**{f"{field}__contains": [f"p:{digits[-11:]}"]}) | Q(**{f"{field}__contains": [f"d:{digits}"]})
    wanted: list[str] = []
    for run in runs:
        wanted += [run[i : i + 2] for i in range(len(run) - 1)] if len(run) > 1 else [run]
    condition = Q(**{f"{field}__contains": sorted(set(wanted))})
    if len(digits) >= MIN_TAIL:
        condition |= Q(**{f"{field}__contains": [f"p:{digits[-11:]}"]})
    if normal.isascii() and normal.isalpha() and 2 <= len(normal) <= 8:
        condition |= Q(**{f"{field}__contains": [f"y:{normal}"]})
    return condition
