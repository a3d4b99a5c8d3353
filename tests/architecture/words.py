"""Which codes the product answers with, and whether the page has words for each."""

import ast
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.architecture.sources import Source

# The base of all refusals and the kinds that take a code first.
CODED = {"Problem", "Invalid", "Conflict"}


def raised_codes(sources: Iterable[Source]) -> dict[str, str]:
    """Return code → the first place that answers with it; subclasses that pass a code on to their base are followed."""
    sources = list(sources)
    coded = CODED | _coded_subclasses(sources)
    found: dict[str, str] = {}
    for source in sources:
        for node, code in _codes(source.tree, coded):
            found.setdefault(code, f"{source.module}:{node.lineno}")
    return found


def field_codes(sources: Iterable[Source]) -> dict[str, str]:
    """Return the codes that are said of single fields, each with the first place that does."""
    found: dict[str, str] = {}
    for source in sources:
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call) or _name(node.func) not in CODED:
                continue
            for word in node.keywords:
                if word.arg == "fields" and isinstance(word.value, ast.Dict):
                    for value in word.value.values:
                        if isinstance(value, ast.Constant) and isinstance(value.value, str):
                            found.setdefault(value.value, f"{source.module}:{value.lineno}")
    return found


def _coded_subclasses(sources: list[Source]) -> set[str]:
    names: set[str] = set()
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef) and {_name(base) for base in node.bases} & CODED:
                names.add(node.name)
    return names


def _codes(tree: ast.Module, coded: set[str]) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in coded:
            # A subclass may fix its code in the call of its base.
            calls = [call for call in ast.walk(node) if isinstance(call, ast.Call) and _is_super_init(call)]
        elif isinstance(node, ast.Call) and _name(node.func) in CODED:
            calls = [node]
        else:
            continue
        for call in calls:
            first = (
                call.args[0] if call.args else next((word.value for word in call.keywords if word.arg == "code"), None)
            )
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield call, first.value


def _is_super_init(call: ast.Call) -> bool:
    function = call.func
    return isinstance(function, ast.Attribute) and function.attr == "__init__" and isinstance(function.value, ast.Call)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def catalog(folder: Path, locale: str) -> dict[str, Any]:
    """Return the page's words for refusals in one language."""
    words: dict[str, Any] = json.loads((folder / f"errors.{locale}.json").read_text(encoding="utf-8"))
    return words


def key(code: str) -> str:
    """Return the catalog's key for a code."""
    return code.replace(".", "_").replace("-", "_")


def without_words(codes: dict[str, str], words: dict[str, Any]) -> list[str]:
    """Return the codes that a catalog has no sentence for."""
    return sorted(f"{code} ({place})" for code, place in codes.items() if not str(words.get(key(code), "")).strip())
