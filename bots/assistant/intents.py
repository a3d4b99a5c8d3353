"""What a customer's words mean besides a question: a person, a complaint, a purchase, a courtesy."""

import re
from enum import StrEnum
from functools import cache
from importlib import resources

from bots.retrieval.normalise import fold


class Intent(StrEnum):
    """What the lexicon knows; the names are its headings."""

    PERSON = "person"
    COMPLAINT = "complaint"
    NEGATIVE = "negative"
    BUYING = "buying"
    CONTACT_REFUSED = "contact_refused"
    HELLO = "courtesy_hello"
    THANKS = "courtesy_thanks"


@cache
def _lexicon() -> dict[Intent, re.Pattern[str]]:
    expressions: dict[Intent, list[str]] = {}
    heading: Intent | None = None
    for line in resources.files("bots.assistant").joinpath("intents.txt").read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            heading = Intent(line[1:-1])
        elif line.strip() and not line.startswith("#") and heading is not None:
            expressions.setdefault(heading, []).append(f"(?:{line})")
    return {intent: re.compile("|".join(lines), re.IGNORECASE) for intent, lines in expressions.items()}


def intents_of(text: str) -> frozenset[Intent]:
    """Every intent that the text shows."""
    folded = fold(text)
    return frozenset(intent for intent, pattern in _lexicon().items() if pattern.search(folded))
