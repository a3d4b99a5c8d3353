"""Lets a member try the assistant: the same thinking, and nothing is sent, kept or counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bots.assistant.services.answering import sources_of
from bots.assistant.services.settings import settings_row, thresholds_with_caution
from bots.assistant.services.thinking import Mind, think_with_model
from bots.assistant.types import Action, Incoming, Memory, Person, Plan, Turn
from bots.retrieval.types import Hit
from guanxi.access import Actor, require

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """What the assistant would do, and what it saw."""

    plan: Plan
    candidates: tuple[Hit, ...]
    confidence: float
    direct_from: float
    menu_from: float
    embedded: bool
    sources: list[dict[str, Any]]
    memory: dict[str, Any]


def preview_answer(
    *,
    actor: Actor,
    text: str,
    choice: str = "",
    memory: Mapping[str, Any] | None = None,
    history: list[Turn] | None = None,
) -> Preview:
    """Return what the assistant would say; `memory` is what the last preview returned, so that a talk can be tried."""
    require(actor, "assistant.preview")
    mind = Mind(settings_row())
    incoming, person = Incoming(text=text, choice=choice), Person()
    plan = mind.plan(incoming, Memory.from_json(memory or {}), person)
    if plan.action is Action.ASK_MODEL:
        plan = think_with_model(mind, plan, incoming, person, history or [])
    found = mind.shelf.index.search(text, embedder=mind.embedder, limit=SHOWN)
    bars = thresholds_with_caution(mind.shelf.thresholds, mind.row)
    embedded = found.evidence.embedded
    return Preview(
        plan=plan,
        candidates=found.hits,
        confidence=plan.confidence,
        direct_from=bars.direct if embedded else bars.direct_words,
        menu_from=bars.menu if embedded else bars.menu_words,
        embedded=embedded,
        sources=sources_of(plan),
        memory=plan.memory.as_json(),
    )
