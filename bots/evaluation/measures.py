"""The measures of retrieval, with intervals that say how far they can be trusted."""

import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bots.evaluation.sets import Query, QuestionSet
from bots.retrieval.decide import decide
from bots.retrieval.index import Index
from bots.retrieval.types import Embedder, Thresholds, Verdict

DEPTH = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one question."""

    query: Query
    rank: int | None
    verdict: Verdict
    confidence: float
    first: str
    menu_holds: bool
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """All measures over one set."""

    values: Mapping[str, float | None]
    intervals: Mapping[str, tuple[float, float]]
    counts: Mapping[str, int]


def ask_all(index: Index, questions: QuestionSet, thresholds: Thresholds, embedder: Embedder | None) -> list[Outcome]:
    """Put every question to the index, timing each."""
    outcomes = []
    for query in questions.queries:
        begun = time.perf_counter()
        found = index.search(query.question, embedder=embedder, limit=DEPTH)
        decision = decide(found, thresholds)
        elapsed = (time.perf_counter() - begun) * 1000
        keys = [hit.entry.key for hit in found.hits]
        rank = keys.index(query.expect) + 1 if query.expect in keys else None
        holds = any(hit.entry.key == query.expect for hit in decision.hits)
        outcomes.append(
            Outcome(query, rank, decision.verdict, decision.confidence, keys[0] if keys else "", holds, elapsed)
        )
    return outcomes


def report(outcomes: Sequence[Outcome]) -> Report:
    """Shares over the answerable and the unanswerable questions; a share over none is left open."""
    answerable = [outcome for outcome in outcomes if outcome.query.expect is not None]
    unanswerable = [outcome for outcome in outcomes if outcome.query.expect is None]
    shares = {**_ranking(answerable), **_verdicts(answerable, unanswerable)}
    values: dict[str, float | None] = {name: (hits / of if of else None) for name, (hits, of) in shares.items()}
    values["mrr"] = (
        sum(1 / outcome.rank for outcome in answerable if outcome.rank) / len(answerable) if answerable else None
    )
    values["auroc"] = _auroc([o.confidence for o in answerable], [o.confidence for o in unanswerable])
    times = [outcome.milliseconds for outcome in outcomes]
    values["ms_per_query"] = sum(times) / len(times) if times else None
    values["ms_p95"] = float(np.quantile(times, 0.95)) if times else None
    values["direct_right_at_5_percent_false"] = _right_at(answerable, unanswerable, 0.05)
    intervals = {name: wilson(hits, of) for name, (hits, of) in shares.items() if of}
    return Report(values, intervals, {"queries": len(answerable), "out_of_scope": len(unanswerable)})


Share = tuple[int, int]


def _ranking(answerable: Sequence[Outcome]) -> dict[str, Share]:
    ranks = [outcome.rank for outcome in answerable if outcome.rank is not None]
    return {f"r_at_{depth}": (sum(rank <= depth for rank in ranks), len(answerable)) for depth in (1, 5, DEPTH)}


def _verdicts(answerable: Sequence[Outcome], unanswerable: Sequence[Outcome]) -> dict[str, Share]:
    direct = [outcome.first == outcome.query.expect for outcome in answerable if outcome.verdict is Verdict.DIRECT]
    menus = [outcome.menu_holds for outcome in answerable if outcome.verdict is Verdict.MENU]
    said = Counter(outcome.verdict for outcome in unanswerable)
    return {
        "direct_right": (sum(direct), len(answerable)),
        "direct_wrong": (len(direct) - sum(direct), len(answerable)),
        "menu_holds_answer": (sum(menus), len(menus)),
        "answered_or_in_menu": (sum(outcome.menu_holds for outcome in answerable), len(answerable)),
        "false_answers": (said[Verdict.DIRECT], len(unanswerable)),
        "out_of_scope_menus": (said[Verdict.MENU], len(unanswerable)),
    }


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share."""
    share = hits / of
    middle = share + z * z / (2 * of)
    reach = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - reach) / (1 + z * z / of)), min(1.0, (middle + reach) / (1 + z * z / of))


def _auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    if not positive or not negative:
        return None
    above = np.subtract.outer(np.array(positive), np.array(negative))
    return float((above > 0).mean() + 0.5 * (above == 0).mean())


def _right_at(answerable: Sequence[Outcome], unanswerable: Sequence[Outcome], false_share: float) -> float | None:
    """Right direct answers if the bar stood exactly where that share of the out-of-scope questions passes it."""
    if not answerable or not unanswerable:
        return None
    ranked = sorted((outcome.confidence for outcome in unanswerable), reverse=True)
    bar = ranked[min(int(false_share * len(ranked)), len(ranked) - 1)]
    return sum(outcome.rank == 1 and outcome.confidence > bar for outcome in answerable) / len(answerable)
