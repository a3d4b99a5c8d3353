"""Search keys of a record: character 1+2-grams, pinyin and phone tails in one indexed array.

A trigram index cannot answer the two-character words that Chinese names are searched by; containment in an array of
grams can. Keys with a letter and a colon are of another sort than characters: `y:` two initials, `s:` syllables, `p:`
the tail of a phone, `d:` a whole number.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain, islice, product
from typing import Any

from django.db.models import Model, Q

from crm.records.pinyin import keys_of, meanings, pair_keys

# Rises when the shape of keys changes; rows that were written before are indexed anew by night.
KEYS_VERSION = 2
MAX_KEYS = 1200
# Names are searched by pinyin, sentences are not.
NAME_LENGTH = 60
MIN_TAIL = 4
MAX_ALTERNATIVES = 12
_WORD = re.compile(r"[0-9a-zü]+|[\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Searchable:
    """A table with `search_keys`, and what the keys of a row are; `related` is fetched with the rows."""

    model: type[Model]
    keys_of: Callable[[Any], list[str]]
    related: tuple[str, ...] = ()


_searchables: dict[str, Searchable] = {}


def register_searchable(name: str, searchable: Searchable) -> None:
    """Register a table, so that its rows are indexed anew when the shape of keys changes."""
    _searchables[name] = searchable


def searchables() -> dict[str, Searchable]:
    """Return the tables with `search_keys` by name."""
    return dict(_searchables)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _grams(run: str) -> set[str]:
    return {run[i : i + n] for n in (1, 2) for i in range(len(run) - n + 1)}


def search_keys(*texts: str, phones: Iterable[str] = ()) -> list[str]:
    """Return the keys that a record with these texts and phones is found by.

    There are at most 1,200; what is cut off first is the pinyin, then the ends of the last texts.
    """
    grams: dict[str, None] = {}
    initials: dict[str, None] = {}
    syllables: dict[str, None] = {}
    for text in texts:
        for run in _WORD.findall(_normal(text)):
            grams |= dict.fromkeys(sorted(_grams(run)))
            if run.isdigit() and len(run) >= MIN_TAIL:
                grams[f"d:{run}"] = None
            if run[0] > "\u3000" and len(text) <= NAME_LENGTH:
                pairs, parts = pair_keys(run)
                initials |= dict.fromkeys(pairs)
                syllables |= dict.fromkeys(parts)
    return list({**dict.fromkeys(_tails(phones)), **grams, **initials, **syllables})[:MAX_KEYS]


def _tails(phones: Iterable[str]) -> list[str]:
    numbers = [re.sub(r"\D", "", _normal(phone))[-11:] for phone in phones]
    return [f"p:{digits[i:]}" for digits in numbers for i in range(max(0, len(digits) - MIN_TAIL + 1))]


def search_alternatives(text: str) -> list[list[str]]:
    """Return the sets of keys one of which a match must have as a whole: part of a name, pinyin in syllables, initials
    or a mixture of both, or a phone's tail of four digits and more. Empty for a text that says nothing.
    """
    normal = _normal(text).strip()
    runs = _WORD.findall(normal)
    if not runs:
        return []
    digits = re.sub(r"\D", "", normal)
    tail = [[f"p:{digits[-11:]}"]] if len(digits) >= MIN_TAIL else []
    if tail and not re.search(r"[^\d\s+()-]", normal):
        # Pairs of digits stand in every phone and sort out nothing: a number is looked for as a whole, or as a tail.
        return [*tail, [f"d:{digits}"]]
    if all(_is_letters(run) for run in runs):
        return [_literal(runs), *_as_pinyin(runs)]
    # Characters and letters side by side: each run of letters may be itself or pinyin.
    each = [[_literal([run]), *(_as_pinyin([run]) if _is_letters(run) else [])] for run in runs]
    mixed = [sorted(set(chain.from_iterable(choice))) for choice in islice(product(*each), MAX_ALTERNATIVES)]
    return [*mixed, *tail]


def _is_letters(run: str) -> bool:
    return run.isalpha() and run[0] < "\u3000"


def _literal(runs: list[str]) -> list[str]:
    wanted = {run[i : i + 2] for run in runs for i in range(len(run) - 1)} | {run for run in runs if len(run) == 1}
    return sorted(wanted)


def _as_pinyin(runs: list[str]) -> list[list[str]]:
    each = [meanings(run.replace("ü", "v")) for run in runs]
    whole = [tuple(chain.from_iterable(choice)) for choice in islice(product(*each), MAX_ALTERNATIVES)]
    return [list(keys) for keys in dict.fromkeys(tuple(keys_of(meaning)) for meaning in whole) if keys]


def grams_of(part: str) -> list[str]:
    """Return the keys of every text that this is a part of."""
    return _literal(_WORD.findall(_normal(part)))


def search_q(text: str, *, field: str = "search_keys", without: tuple[str, ...] = ()) -> Q:
    """Return the filter for records that match `text`, by no key that begins with one of `without`."""
    alternatives = [keys for keys in search_alternatives(text) if not (without and keys[0].startswith(without))]
    if not alternatives:
        return Q(pk__in=[])
    condition = Q()
    for keys in alternatives:
        condition |= Q(**{f"{field}__contains": keys})
    return condition
