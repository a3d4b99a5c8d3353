"""Checks what a model said before a customer sees it: citations, links, numbers."""

import re
from collections.abc import Sequence

from bots.assistant.types import Quote, TokenSink
from bots.retrieval.normalise import fold

MAX_ANSWER = 1500
GROUNDED = 0.5
"""Share of the letter pairs of what is streamed that must stand in the passages."""
FIRST_SHOWN = 6
_UNFINISHED = re.compile(r"[0-9A-Za-z.,:/_%&?=#-]+$")
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


class StreamGuard:
    """Lets pieces of an answer through while what has come so far could stand in the passages.

    The whole answer is checked when it is there; what a page shows before that must not be anything else. A piece that
    ends in the middle of a number or a link waits for its end, and after the first doubt nothing more goes out.
    """

    def __init__(self, sink: TokenSink, quotes: Sequence[Quote], question: str) -> None:
        self._sink = sink
        self._ground = fold(" ".join([*(f"{quote.title} {quote.text}" for quote in quotes), question]))
        self._pairs = _letter_pairs(" ".join(f"{quote.title} {quote.text}" for quote in quotes))
        self._numbers = {_plain(number) for number in _NUMBER.findall(self._ground)}
        self._text = ""
        self._shown = 0
        self._closed = False

    def __call__(self, piece: str) -> None:
        if self._closed:
            return
        self._text += piece
        ready = _UNFINISHED.sub("", self._text)
        if len(ready) - self._shown < 1 or len(ready) < FIRST_SHOWN:
            return
        if not self._allowed(ready):
            self._closed = True
            return
        self._sink(ready[self._shown :])
        self._shown = len(ready)

    def finish(self) -> None:
        """Let the rest through."""
        if not self._closed and self._shown < len(self._text) and self._allowed(self._text):
            self._sink(self._text[self._shown :])
        self._closed = True

    def _allowed(self, text: str) -> bool:
        said = fold(text)
        if _LEAK.search(said) or any(link.rstrip(".,;") not in self._ground for link in _LINK.findall(said)):
            return False
        if any(_plain(number) not in self._numbers and len(_plain(number)) > 1 for number in _NUMBER.findall(said)):
            return False
        pairs = _letter_pairs(text)
        return not pairs or len(pairs & self._pairs) / len(pairs) >= GROUNDED


def _letter_pairs(text: str) -> set[str]:
    letters = re.sub(r"\W+", "", fold(text))
    return {letters[at : at + 2] for at in range(len(letters) - 1)}
