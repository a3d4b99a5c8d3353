"""Cuts a text into parts that fit into one message each."""

import re

BREAKS = (
    re.compile(r"\n\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[。！？!?；;])|(?<=\. )"),
    re.compile(r"(?<=[，,、 ])"),
)


def split_text(text: str, limit: int) -> list[str]:
    """Return the text in parts of at most `limit` bytes, cut where a reader pauses; an empty text has no part."""
    text = text.strip()
    if len(text.encode()) <= limit:
        return [text] if text else []
    cut = _cut(text, limit)
    return [text[:cut].rstrip(), *split_text(text[cut:], limit)]


def _cut(text: str, limit: int) -> int:
    most = _fitting(text, limit)
    for pattern in BREAKS:
        ends = [match.end() for match in pattern.finditer(text, 0, most) if match.end() > most // 3]
        if ends:
            return ends[-1]
    return most


def _fitting(text: str, limit: int) -> int:
    """Return how many characters fit into so many bytes."""
    return len(text.encode()[:limit].decode(errors="ignore"))
