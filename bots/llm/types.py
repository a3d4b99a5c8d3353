"""The values that a chat model takes and gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

TokenSink = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Where a tenant's model is and how it is asked."""

    base_url: str
    model: str
    api_key: str
    temperature: float = 0.2
    timeout_seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that may be quoted."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that a model gets for one answer."""

    instructions: str
    question: str
    passages: Sequence[Passage]
    history: Sequence[tuple[bool, str]] = ()
    """Earlier turns as (by the customer, text), oldest first."""


@dataclass(frozen=True, slots=True)
class ModelReply:
    """What a model decided; not yet checked."""

    action: str
    answer: str
    cited_ids: tuple[str, ...]


class ModelUnavailable(Exception):
    """The model did not answer, answered too late, or not in the agreed form. `code` is stable and goes to the page."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code
