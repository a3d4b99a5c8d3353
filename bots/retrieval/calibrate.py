"""Thresholds for one tenant: strict enough for what no shop answers and for its own questions that look alike."""

import random
from collections.abc import Sequence

import numpy as np

from bots.retrieval.background import shipped_background
from bots.retrieval.decide import confidence_of
from bots.retrieval.index import Index
from bots.retrieval.types import Thresholds

FALSE_ANSWERS = 0.04
"""Share of out-of-scope questions that may get a direct answer; the promise is 5 %, kept with a margin."""
WRONG_ANSWERS = 0.05
MENU_NOISE = 0.3
"""Share of out-of-scope questions that may still be offered the menu."""
MENU_FLOOR = 0.42
OWN_SAMPLE = 200
FLOOR = 0.6
CEILING = 0.985


def calibrate(index: Index) -> Thresholds:
    """Ask the index what it should not know and what it should, and set the bars between."""
    if not index.entries:
        return Thresholds()
    nothing = [confidence_of(index.search_decoy(decoy).evidence) for decoy in range(len(shipped_background().decoys))]
    own = _own_questions(index)
    direct = min(max(float(np.quantile(nothing, 1 - FALSE_ANSWERS)), _bar_for(own), FLOOR), CEILING)
    menu = min(max(float(np.quantile(nothing, 1 - MENU_NOISE)), MENU_FLOOR), direct)
    shipped = Thresholds()
    if index.model_id:
        return Thresholds(
            direct=direct,
            menu=menu,
            margin=shipped.margin,
            direct_words=shipped.direct_words,
            menu_words=shipped.menu_words,
        )
    return Thresholds(
        direct=shipped.direct, menu=shipped.menu, margin=shipped.margin, direct_words=direct, menu_words=menu
    )


def _own_questions(index: Index) -> list[tuple[float, bool]]:
    """For a sample of similar questions, each held out: the confidence, and whether the first entry was right."""
    similar = [row for row in range(1, len(index.phrasings)) if index.owners[row] == index.owners[row - 1]]
    chosen = similar if len(similar) <= OWN_SAMPLE else random.Random(len(similar)).sample(similar, OWN_SAMPLE)
    answered = []
    for row in chosen:
        found = index.search_without(row)
        right = found.best is not None and found.best.entry.key == index.entries[int(index.owners[row])].key
        answered.append((confidence_of(found.evidence), right))
    return answered


def _bar_for(own: Sequence[tuple[float, bool]]) -> float:
    """The lowest confidence above which at most a twentieth of all held-out questions would be answered wrongly."""
    wrong = sorted((confidence for confidence, right in own if not right), reverse=True)
    allowed = int(WRONG_ANSWERS * len(own))
    return wrong[allowed] if len(wrong) > allowed else 0.0
