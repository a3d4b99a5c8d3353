"""The evaluation: its own set, foreign files, its measures and its command."""

import json
from collections import Counter
from pathlib import Path

import pytest

from bots.evaluation.measures import Outcome, report, wilson
from bots.evaluation.sets import BadSet, Query, own_set, read_set
from bots.retrieval.background import shipped_background
from bots.retrieval.normalise import exact_key
from bots.retrieval.types import Verdict
from guanxi.config.cli import main

KEYS = {"r_at_1", "r_at_5", "r_at_10", "mrr", "direct_right", "false_answers", "auroc", "ms_per_query"}


def test_our_own_set_is_as_large_as_promised() -> None:
    own = own_set()
    for language in ("zh", "en"):
        assert sum(entry.language == language for entry in own.entries) >= 60
    asked = Counter(query.expect for query in own.queries if query.expect)
    assert min(asked.values()) >= 5
    assert set(asked) == {entry.key for entry in own.entries}
    outside = [query for query in own.queries if query.expect is None]
    assert len(outside) >= 150
    assert {query.near for query in outside} == {True, False}


def test_no_question_stands_in_both_splits_nor_in_an_entry() -> None:
    own = own_set()
    dev, test = ({query.question for query in own.part(split).queries} for split in ("dev", "test"))
    assert not dev & test
    stored = {exact_key(phrasing) for entry in own.entries for phrasing in entry.phrasings}
    assert not {exact_key(question) for question in dev | test} & stored


def test_what_is_shipped_knows_nothing_of_the_test_split() -> None:
    decoys = set(shipped_background().decoys)
    assert decoys == {query.question for query in own_set().part("dev").queries if query.expect is None}


def test_the_command_prints_the_measures_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "retrieval", "--words-only", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed.keys() >= KEYS | {"counts", "intervals"}
    assert printed["r_at_1"] <= printed["r_at_5"] <= printed["r_at_10"]
    assert printed["counts"]["out_of_scope"] >= 75


def test_the_whole_way_reaches_what_it_reached_before(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "retrieval", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["false_answers"] <= 0.05
    assert printed["r_at_1"] >= 0.57
    assert printed["r_at_5"] >= 0.79
    assert printed["auroc"] >= 0.76
    assert printed["direct_right"] >= 0.24


def test_foreign_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faqs, queries, outside = tmp_path / "f.jsonl", tmp_path / "q.jsonl", tmp_path / "o.jsonl"
    faqs.write_text(
        '{"id": 1, "question": "怎么开发票？"}\n\n{"id": 2, "question": "包邮吗", "answer": "是"}\n', "utf-8"
    )
    queries.write_text('{"question": "怎么开发票", "expect": 1}\n{"question": "今天天气", "expect": null}\n', "utf-8")
    outside.write_text('{"question": "讲个笑话"}\n', "utf-8")
    arguments = [
        "evaluate",
        "retrieval",
        "--faqs",
        str(faqs),
        "--queries",
        str(queries),
        "--out-of-scope",
        str(outside),
    ]
    assert main([*arguments, "--json", "--words-only"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["r_at_1"], printed["counts"]["out_of_scope"]) == (1.0, 2)
    queries.write_text('{"question": "x", "expect": 9}\n', "utf-8")
    assert main(arguments) == 2
    assert "line 1" in capsys.readouterr().err
    assert main(["evaluate", "retrieval", "--queries", str(queries)]) == 2


@pytest.mark.parametrize(
    "line", ["[]", "{", '{"id": 1}', '{"question": "x"}', '{"id": 1, "question": "x", "similar": "y"}']
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text(f'{{"id": 0, "question": "好"}}\n{line}\n', "utf-8")
    with pytest.raises(BadSet, match="line 2"):
        read_set(path)


def outcome(expect: str | None, verdict: Verdict, confidence: float, first: str, rank: int | None = None) -> Outcome:
    return Outcome(Query("q", expect), rank, verdict, confidence, first, first == expect, 1.0)


def test_the_measures() -> None:
    found = report(
        [
            outcome("a", Verdict.DIRECT, 0.9, "a", 1),
            outcome("a", Verdict.DIRECT, 0.8, "b", 2),
            outcome("a", Verdict.MENU, 0.5, "b", 6),
            outcome("a", Verdict.NONE, 0.1, "b", None),
            outcome(None, Verdict.DIRECT, 0.85, "b"),
            outcome(None, Verdict.NONE, 0.05, "b"),
        ]
    ).values
    assert (found["r_at_1"], found["r_at_5"], found["r_at_10"]) == (0.25, 0.5, 0.75)
    assert found["mrr"] == pytest.approx((1 + 1 / 2 + 1 / 6) / 4)
    assert (found["direct_right"], found["direct_wrong"], found["false_answers"]) == (0.25, 0.25, 0.5)
    assert found["auroc"] == pytest.approx(5 / 8)
    assert report([]).values["r_at_1"] is None


def test_the_interval_holds_the_share() -> None:
    low, high = wilson(8, 10)
    assert 0.44 < low < 0.8 < high < 0.95
    assert wilson(0, 10)[0] == 0.0
