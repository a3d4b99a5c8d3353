"""The words of headers, choices, hints and errors, from two small catalogues beside this package.

The page has words of its own; these stand in files that people download and send back.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "words"
LANGUAGES = ("zh-CN", "en")


@lru_cache(maxsize=4)
def catalogue(locale: str) -> dict[str, Any]:
    """Return the words of a language; Chinese ones for a language that we do not have."""
    path = FOLDER / f"{locale if locale in LANGUAGES else LANGUAGES[0]}.json"
    return dict(json.loads(path.read_text("utf-8")))


def label_of(locale: str, kind: str, name: str) -> str:
    """Return the header of a field that stands in code."""
    labels = catalogue(locale)["labels"]
    return str(labels.get(f"{kind}.{name}") or labels.get(name) or name)


def choice_word(locale: str, kind: str, name: str, choice: str) -> str:
    """Return the word of a choice; the choice itself when it has none."""
    return str(catalogue(locale)["choices"].get(f"{kind}.{name}", {}).get(choice, choice))


def error_word(locale: str, code: str) -> str:
    """Return the sentence of what is wrong with a cell."""
    return str(catalogue(locale)["errors"].get(code, code))


def note(locale: str, code: str, **values: object) -> str:
    """Return a line of a file, with its values."""
    return str(catalogue(locale)["notes"][code]).format(**values)
