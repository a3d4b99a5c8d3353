"""The assistant's own sentences, in the customer's language; what the tenant has written itself goes before."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

FALLBACK = "zh"


@cache
def _catalog(language: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(
        resources.files("bots.assistant").joinpath("words", f"{language}.json").read_text("utf-8")
    )
    return loaded


def sentence(key: str, language: str, own: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """Return the sentence of a dotted key such as `handover.complaint`."""
    language = language if language in {"zh", "en"} else FALLBACK
    written = ((own or {}).get(key) or {}).get(language, "").strip()
    if written:
        return written
    found: Any = _catalog(language)
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def handover_sentence(reason: str, language: str, own: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """Return what is said when people take over for a reason."""
    return sentence(f"handover.{reason}", language, own) or sentence("handover.default", language, own)
