"""The values of a dialogue: what came in, what is remembered, what is decided."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

from bots.assistant.extraction import Slots
from bots.retrieval.types import Hit


class Action(StrEnum):
    """What the assistant does about a message."""

    DIRECT = "direct"
    MENU = "menu"
    GENERATED = "generated"
    REFUSED = "refused"
    HANDED_OVER = "handed_over"
    GREETED = "greeted"
    THANKED = "thanked"
    CAPTURED = "captured"
    SILENT = "silent"
    ASK_MODEL = "ask_model"
    """Retrieval does not suffice and a model is there: the worker asks it."""


class HandoverReason(StrEnum):
    """Why people take over, in the order in which the reasons are looked for."""

    ASKED = "asked"
    COMPLAINT = "complaint"
    TWO_REFUSALS = "two_refusals"
    REPEATED_QUESTION = "repeated_question"
    NEGATIVE_FEEDBACK = "negative_feedback"
    BUYING_INTENT = "buying_intent"
    UNSUPPORTED_MEDIA = "unsupported_media"
    MODEL_FAILURE = "model_failure"
    MODEL_DECISION = "model_decision"
    VIP = "vip"
    OPEN_DEAL = "open_deal"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A customer's message, as far as the dialogue cares."""

    text: str
    kind: str = "text"
    choice: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)
    event: str = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of a talk since it was last resolved."""

    language: str = ""
    refusals: int = 0
    last_question: str = ""
    repeats: int = 0
    asks: int = 0
    asked_for: str = ""
    """The slot that the last answer asked for."""
    contact_refused: bool = False
    buying: bool = False
    menu: tuple[str, ...] = ()
    slots: Slots = field(default_factory=Slots)
    captured: bool = False

    def as_json(self) -> dict[str, Any]:
        """What the conversation keeps."""
        return {**asdict(self), "menu": list(self.menu)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Memory":
        """What the conversation kept; anything unknown is left out."""
        names = {name for name in cls.__dataclass_fields__ if name not in {"menu", "slots"}}
        slots = {
            name: str(text) for name, text in (value.get("slots") or {}).items() if name in Slots.__dataclass_fields__
        }
        return replace(
            cls(**{name: value[name] for name in names & value.keys()}),
            menu=tuple(str(key) for key in value.get("menu") or ()),
            slots=Slots(**slots),
        )


@dataclass(frozen=True, slots=True)
class Person:
    """What the records know of the person on the other side."""

    reachable: bool = False
    vip: bool = False
    open_deal: bool = False
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """The tenant's settings that a dialogue follows."""

    capture_leads: bool = True
    max_asks: int = 2
    hand_over_buyers: bool = True
    model_ready: bool = False
    sentences: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: a text (or a menu), people, a lead, and what is remembered afterwards."""

    action: Action
    memory: Memory
    text: str = ""
    items: tuple[tuple[str, str], ...] = ()
    tail: str = ""
    hits: tuple[Hit, ...] = ()
    confidence: float = 0.0
    reason: HandoverReason | None = None
    capture: Slots | None = None
    asks_contact: bool = False
    unanswered: bool = False
    generated: bool = False

    @property
    def hands_over(self) -> bool:
        return self.reason is not None


class ModelAction(StrEnum):
    """What a model may decide; anything else hands over."""

    ANSWER = "answer"
    REFUSE = "refuse"
    HANDOVER = "handover"


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage that a model may answer from."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier message of the talk."""

    by_customer: bool
    text: str


class TokenSink(Protocol):
    """Takes the pieces of an answer while it is being written."""

    def __call__(self, piece: str, /) -> None: ...
