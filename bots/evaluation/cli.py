"""`guanxi evaluate retrieval`: measure retrieval on our own set or on files; needs no running demo and no database."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bots.evaluation.measures import Outcome, Report, ask_all, report
from bots.evaluation.sets import BadSet, QuestionSet, own_set, read_set
from bots.llm.embeddings import LocalEmbedder, local_embedder
from bots.retrieval.calibrate import calibrate
from bots.retrieval.index import Index, texts_to_embed
from bots.retrieval.semantic import VectorSet
from bots.retrieval.types import Entry, Thresholds, Verdict

_FORMATS = """files are JSON lines in UTF-8:
  --faqs          {"id": "17", "question": "怎么开发票？", "similar": ["能开票吗"], "answer": "…"}
                  ("similar" and "answer" may be missing)
  --queries       {"question": "我要发票", "expect": "17"}   ("expect": null when nothing should answer it)
  --out-of-scope  {"question": "今天天气怎么样"}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`guanxi evaluate …`"""
    parser.description = "Measure the assistant's parts on fixed sets."
    kinds = parser.add_subparsers(dest="measured", required=True)
    retrieval = kinds.add_parser(
        "retrieval",
        help="ranking, direct answers, refusals",
        epilog=_FORMATS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    retrieval.add_argument(
        "--set", choices=["test", "dev", "all"], default="test", help="which split of our own set (default: test)"
    )
    retrieval.add_argument("--language", choices=["zh", "en"], help="only this language of our own set")
    retrieval.add_argument("--faqs", type=Path, help="entries of another set")
    retrieval.add_argument("--queries", type=Path, help="its questions")
    retrieval.add_argument("--out-of-scope", type=Path, help="questions that nothing in it should answer")
    retrieval.add_argument(
        "--words-only", action="store_true", help="without embeddings, as on a machine that cannot run the model"
    )
    retrieval.add_argument(
        "--show-misses", action="store_true", help="list the questions whose first entry was not the expected one"
    )
    retrieval.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Measure and print; 0 when it could be measured, 2 when the set cannot be read."""
    try:
        questions = _questions(args)
    except BadSet as problem:
        print(problem, file=sys.stderr)
        return 2
    embedder = None if args.words_only else local_embedder()
    begun = time.perf_counter()
    index = build_index(questions.entries, embedder)
    built = time.perf_counter() - begun
    thresholds = calibrate(index)
    outcomes = ask_all(index, questions, thresholds, embedder)
    measured = report(outcomes)
    print(_as_json(measured, thresholds, index, built) if args.json else _as_text(measured, thresholds, index, built))
    if args.show_misses:
        _print_misses(outcomes)
    return 0


def build_index(entries: Sequence[Entry], embedder: LocalEmbedder | None) -> Index:
    """An index with vectors made on the spot."""
    if embedder is None:
        return Index(entries)
    questions, passages = texts_to_embed(entries)
    vectors = VectorSet(
        embedder.model_id,
        embedder.dimension,
        dict(zip(questions, embedder.embed_queries(questions), strict=True)),
        dict(zip(passages, embedder.embed_passages(passages), strict=True)),
    )
    return Index(entries, vectors)


def _questions(args: argparse.Namespace) -> QuestionSet:
    if args.faqs is not None:
        if args.queries is None and args.out_of_scope is None:
            raise BadSet("--faqs needs --queries, --out-of-scope or both.")
        return read_set(args.faqs, args.queries, args.out_of_scope)
    if args.queries is not None or args.out_of_scope is not None:
        raise BadSet("--queries and --out-of-scope need --faqs.")
    questions = own_set() if args.set == "all" else own_set().part(args.set)
    if args.language is None:
        return questions
    entries = tuple(entry for entry in questions.entries if entry.language == args.language)
    return QuestionSet(entries, tuple(query for query in questions.queries if query.language == args.language))


def _as_json(measured: Report, thresholds: Thresholds, index: Index, built: float) -> str:
    values = {name: None if value is None else round(value, 4) for name, value in measured.values.items()}
    return json.dumps(
        {
            **values,
            "counts": {**measured.counts, "entries": len(index.entries), "phrasings": len(index.phrasings)},
            "intervals": {name: [round(low, 4), round(high, 4)] for name, (low, high) in measured.intervals.items()},
            "thresholds": {
                "direct": round(thresholds.direct, 4),
                "menu": round(thresholds.menu, 4),
                "margin": thresholds.margin,
            },
            "model": index.model_id or None,
            "build_seconds": round(built, 2),
        },
        ensure_ascii=False,
        indent=2,
    )


def _as_text(measured: Report, thresholds: Thresholds, index: Index, built: float) -> str:
    lines = [
        f"{len(index.entries)} entries, {len(index.phrasings)} phrasings, {measured.counts['queries']} questions, "
        f"{measured.counts['out_of_scope']} out of scope; "
        f"{index.model_id or 'words alone'}; index built in {built:.1f} s",
    ]
    for name, value in measured.values.items():
        low_high = measured.intervals.get(name)
        reach = f"   [{low_high[0]:.3f} – {low_high[1]:.3f}]" if low_high else ""
        lines.append(f"{name:<34}{'–' if value is None else f'{value:.3f}'}{reach}")
    lines.append(f"direct from {thresholds.direct:.3f}, menu from {thresholds.menu:.3f}")
    return "\n".join(lines)


def _print_misses(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        expected = outcome.query.expect
        if (expected is not None and outcome.first != expected) or (
            expected is None and outcome.verdict is Verdict.DIRECT
        ):
            print(
                f"{outcome.verdict:<7}{outcome.confidence:.2f}  {outcome.query.question}  →  {outcome.first}"
                f"  (expected {expected})"
            )
