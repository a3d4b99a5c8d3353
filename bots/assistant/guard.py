"""Checks what a model said before a customer sees it: citations, links, numbers."""

import re
from collections.abc import Sequence

from bots.assistant.types import Quote
from bots.retrieval.normalise import fold

MAX_ANSWER = 1500
_LINK = re.compile(r"(?:https?://|www\.)[^\s，。）)》」]+", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_LEAK = re.compile(
    r"cited_ids|<chunk|</chunk|passages:|system prompt|系统提示词|my instructions|我的指令", re.IGNORECASE
)


def trustworthy(answer: str, cited: Sequence[str], quotes: Sequence[Quote], question: str) -> bool:
    """Whether an answer rests on what it cites.

    The passages are known, and every link and number stands in one of them or in the question.
    """
    by_id = {quote.id: quote for quote in quotes}
    if not answer or len(answer) > MAX_ANSWER or not cited or any(each not in by_id for each in cited):
        return False
    if _LEAK.search(answer):
        return False
    ground = fold(" ".join([*(f"{by_id[each].title} {by_id[each].text}" for each in cited), question]))
    said = fold(answer)
    if any(link.rstrip(".,;") not in ground for link in _LINK.findall(said)):
        return False
    known = {_plain(number) for number in _NUMBER.findall(ground)}
    return all(_plain(number) in known or len(_plain(number)) == 1 for number in _NUMBER.findall(said))


def _plain(number: str) -> str:
    return number.replace(",", "").rstrip(".:").removesuffix(".00").removesuffix(".0")
