"""From evidence to a decision: send the stored answer, offer up to three, or say that nothing fits."""

import math
from dataclasses import dataclass

from bots.retrieval.types import Decision, EntryKind, Evidence, Found, Hit, Thresholds, Verdict

MENU_SIZE = 3
MENU_REACH = 5.0
"""How far below the best an entry may score and still stand in the menu."""


@dataclass(frozen=True, slots=True)
class _Judge:
    """Coefficients of a logistic regression over the development split: is the first entry the right one?"""

    base: float
    probability: float
    score_margin: float
    cosine_margin: float
    unknown: float


_WITH_VECTORS = _Judge(base=-0.65, probability=3.75, score_margin=0.07, cosine_margin=0.66, unknown=0.0)
_WORDS_ALONE = _Judge(base=-0.22, probability=3.53, score_margin=0.12, cosine_margin=0.0, unknown=-0.45)


def confidence_of(evidence: Evidence) -> float:
    """How sure we may be, from 0 to 1, that the first entry answers the question."""
    if evidence.exact:
        return 1.0
    judge = _WITH_VECTORS if evidence.embedded else _WORDS_ALONE
    logit = (
        judge.base
        + judge.probability * evidence.probability
        + judge.score_margin * min(evidence.score_margin, 6.0)
        + judge.cosine_margin * evidence.cosine_margin
        + judge.unknown * evidence.unknown
    )
    return 1.0 / (1.0 + math.exp(-logit))


def decide(found: Found, thresholds: Thresholds) -> Decision:
    """A stored answer goes out as it stands only when it is both good in itself and clear of the next one."""
    best = found.best
    if best is None or (best.score <= 0.0 and not found.evidence.exact):
        return Decision(Verdict.NONE, 0.0)
    confidence = confidence_of(found.evidence)
    direct = thresholds.direct if found.evidence.embedded else thresholds.direct_words
    clear = found.evidence.exact or (confidence >= direct and found.evidence.score_margin >= thresholds.margin)
    if clear and best.entry.kind is EntryKind.FAQ:
        return Decision(Verdict.DIRECT, confidence, (best,))
    if confidence >= (thresholds.menu if found.evidence.embedded else thresholds.menu_words):
        return Decision(Verdict.MENU, confidence, _menu(found.hits))
    return Decision(Verdict.NONE, confidence)


def _menu(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    reach = hits[0].score - MENU_REACH
    return tuple(hit for hit in hits if hit.score >= reach)[:MENU_SIZE]
