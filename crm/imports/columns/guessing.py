"""Guesses from a header where its column goes, in both languages and with the words that people use."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from crm.imports.columns.targets import CONTACT_PREFIX, Target
from crm.imports.columns.words import LANGUAGES, catalogue, label_of
from crm.imports.sheets.reading import plain_header

_SIGNS = re.compile(r"[\s_\-*()（）【】\[\]:：/／.·]+")


def plain(text: str) -> str:
    """Return a header as it is compared: without signs and spaces, in lower case."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", plain_header(text)).casefold())


def header_digest(headers: Iterable[str]) -> str:
    """Return what a table's header is known again by, whatever the order of its columns."""
    return hashlib.sha256(json.dumps(sorted(plain(header) for header in headers)).encode()).hexdigest()


def names_of(target: Target) -> list[str]:
    """Return the headers that mean a target, the surest first."""
    if target.field.label:
        return [target.field.label, target.field.name.removeprefix("custom.")]
    names = [label_of(language, target.kind, target.field.name) for language in LANGUAGES]
    for language in LANGUAGES:
        synonyms = catalogue(language)["synonyms"]
        names += synonyms.get(f"{target.kind}.{target.field.name}", [])
        names += synonyms.get(target.field.name, [])
    names.append(target.field.name)
    if target.name.startswith(CONTACT_PREFIX):
        prefixes = [str(catalogue(language)["contact_prefix"]) for language in LANGUAGES]
        names = [f"{prefix}{name}" for name in names for prefix in prefixes]
        for language in LANGUAGES:
            names += catalogue(language)["synonyms"].get(target.name, [])
    return names


def guess_mapping(headers: Sequence[str], targets: Mapping[str, Target]) -> list[str]:
    """Return for each header the target that it means, empty for none; no target twice."""
    meant: dict[str, str] = {}
    for target in targets.values():
        for name in names_of(target):
            meant.setdefault(plain(name), target.name)
    taken: set[str] = set()
    guessed = []
    for header in headers:
        name = meant.get(plain(header), "")
        guessed.append("" if name in taken else name)
        taken.add(name)
    return guessed


def apply_known(headers: Sequence[str], known: Mapping[str, str], targets: Mapping[str, Target]) -> list[str]:
    """Return a remembered mapping for a header, without what is no longer there to be filled."""
    return [name if (name := known.get(plain(header), "")) in targets else "" for header in headers]
