"""The questions and answers that the evaluation ships, for whoever wants a knowledge base to begin with."""

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def shipped_faqs() -> tuple[dict[str, Any], ...]:
    """Return the rows: id, language, category, question, similar, answer."""
    text = resources.files("bots.evaluation").joinpath("data", "faqs.jsonl").read_text(encoding="utf-8")
    return tuple(json.loads(line) for line in text.splitlines() if line.strip())
