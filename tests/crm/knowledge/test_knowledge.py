"""The knowledge base: states, revision, duplicates, gaps, rights."""

from datetime import timedelta

import pytest

from crm.knowledge import services
from crm.knowledge.models import ArticleChunk, Faq, UnansweredQuestion
from crm.knowledge.selectors import current_revision, find_faqs, find_gaps, published_pieces
from crm.knowledge.services.articles import CHUNK, cut_into_chunks
from crm.knowledge.services.imports import Duplicates
from crm.knowledge.sheets import read_sheet
from guanxi.access import Actor
from guanxi.audit.selectors import record_history
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, PermissionDenied, VersionConflict
from guanxi.events.models import OutboxEvent
from tests.crm.knowledge.sheets import xlsx

INVOICE = {
    "question": "怎么开发票？",
    "similar": ["如何开票", "怎么开发票"],
    "answer": "在小程序里申请。",
    "category": "发票",
}


def test_only_what_is_published_answers(owner: Actor) -> None:
    faq = services.create_faq(actor=owner, values=INVOICE)
    assert (faq.state, faq.language, faq.similar) == ("draft", "zh", ["如何开票"])
    assert published_pieces() == []
    before = current_revision()
    services.set_faq_states(actor=owner, faq_ids=[faq.pk], state="published")
    (piece,) = published_pieces()
    assert (piece.ref, piece.question, piece.answer, piece.similar) == (
        f"faq:{faq.pk}",
        "怎么开发票？",
        "在小程序里申请。",
        ("如何开票",),
    )
    assert current_revision().number == before.number + 1
    services.set_faq_states(actor=owner, faq_ids=[faq.pk], state="archived")
    assert published_pieces() == []
    assert current_revision().number == before.number + 2


def test_a_change_of_a_draft_leaves_the_revision_and_one_of_a_published_raises_it(owner: Actor) -> None:
    faq = services.create_faq(actor=owner, values=INVOICE)
    services.update_faq(actor=owner, faq_id=faq.pk, changes={"answer": "新的答案"})
    assert current_revision().number == 0
    services.set_faq_states(actor=owner, faq_ids=[faq.pk], state="published")
    services.update_faq(actor=owner, faq_id=faq.pk, changes={"answer": "更新的答案"})
    assert current_revision().number == 2
    services.update_faq(actor=owner, faq_id=faq.pk, changes={"answer": "更新的答案"})
    assert current_revision().number == 2
    told = OutboxEvent.objects.filter(kind="knowledge.changed").order_by("id")
    assert [event.data["revision"] for event in told] == [1, 2]


def test_the_same_question_stands_once_for_each_language(owner: Actor) -> None:
    services.create_faq(actor=owner, values=INVOICE)
    with pytest.raises(Conflict) as refusal:
        services.create_faq(actor=owner, values={**INVOICE, "question": "怎么　开发票?"})
    assert refusal.value.code == "faq_exists"
    services.create_faq(actor=owner, values={**INVOICE, "language": "en"})
    assert Faq.objects.count() == 2


def test_an_archived_question_may_be_asked_anew_and_then_not_restored(owner: Actor) -> None:
    first = services.create_faq(actor=owner, values=INVOICE)
    services.set_faq_states(actor=owner, faq_ids=[first.pk], state="archived")
    services.create_faq(actor=owner, values=INVOICE)
    with pytest.raises(Conflict):
        services.set_faq_states(actor=owner, faq_ids=[first.pk], state="draft")
    first.refresh_from_db()
    assert first.state == "archived"


def test_versions_keep_two_editors_apart_and_the_audit_keeps_both_texts(owner: Actor) -> None:
    faq = services.create_faq(actor=owner, values=INVOICE)
    services.update_faq(actor=owner, faq_id=faq.pk, changes={"answer": "一"}, version=1)
    with pytest.raises(VersionConflict):
        services.update_faq(actor=owner, faq_id=faq.pk, changes={"answer": "二"}, version=1)
    entry = next(entry for entry in record_history("faq", faq.pk) if entry.action == "update")
    assert entry.changes["answer"] == ["在小程序里申请。", "一"]


def test_validity_ends_an_answer_without_anybody_touching_it(owner: Actor) -> None:
    today = clock.today()
    values = {**INVOICE, "valid_until": today}
    services.create_faq(actor=owner, values=values, publish=True)
    assert len(published_pieces()) == 1
    now = current_revision()
    with clock.at(clock.now() + timedelta(days=1)):
        assert published_pieces() == []
        assert current_revision() != now
    with pytest.raises(Invalid):
        services.create_faq(
            actor=owner,
            values={"question": "别的", "answer": "x", "valid_from": today, "valid_until": today - timedelta(days=1)},
        )


def test_rights(team: dict[str, Actor]) -> None:
    faq = services.create_faq(actor=team["agent"], values=INVOICE)
    assert list(find_faqs(team["rep"], {})) == [faq]
    for refused in (
        lambda: services.create_faq(actor=team["rep"], values={**INVOICE, "question": "别的"}),
        lambda: services.update_faq(actor=team["rep"], faq_id=faq.pk, changes={"answer": "x"}),
        lambda: services.set_faq_states(actor=team["rep"], faq_ids=[faq.pk], state="published"),
    ):
        with pytest.raises(PermissionDenied):
            refused()
    assert Faq.objects.get().answer == INVOICE["answer"]


def test_an_article_is_found_by_its_chunks(owner: Actor) -> None:
    body = "# 存放\n\n" + "龙井要密封冷藏。" * 100 + "\n\n# 冲泡\n\n八十度的水。"
    article = services.create_article(actor=owner, values={"title": "绿茶手册", "body": body}, publish=True)
    pieces = published_pieces()
    assert {piece.question for piece in pieces} == {"绿茶手册 · 存放", "绿茶手册 · 冲泡"}
    assert all(len(piece.answer) <= CHUNK for piece in pieces)
    assert (
        "".join(piece.answer for piece in pieces if "存放" in piece.question).replace("\n", "")
        == "龙井要密封冷藏。" * 100
    )
    services.update_article(actor=owner, article_id=article.pk, changes={"body": "只有一句。"})
    assert ArticleChunk.objects.count() == 1
    services.set_article_state(actor=owner, article_id=article.pk, state="draft")
    assert published_pieces() == []


def test_cutting_loses_nothing() -> None:
    text = "没有标点的长文" * 200
    chunks = cut_into_chunks("标题", text)
    assert "".join(part for _, part in chunks) == text
    assert cut_into_chunks("标题", "") == []


def test_an_unanswered_question_is_counted_and_becomes_knowledge(owner: Actor) -> None:
    faq = services.create_faq(actor=owner, values=INVOICE, publish=True)
    for text in ("专票咋弄啊", "专票咋弄啊？", "！！"):
        services.record_unanswered(question=text, conversation_id=None, nearest_faq_id=faq.pk)
    gap = find_gaps(owner, {}).get()
    assert gap.asked_count == 2
    joined = services.answer_gap_with_faq(actor=owner, gap_id=gap.pk, faq_id=faq.pk)
    assert "专票咋弄啊" in joined.similar
    assert current_revision().number == 2
    with pytest.raises(Conflict) as refusal:
        services.dismiss_gap(actor=owner, gap_id=gap.pk)
    assert refusal.value.code == "gap_closed"
    services.record_unanswered(question="有没有月饼", conversation_id=7)
    other = UnansweredQuestion.objects.get(state="open")
    made = services.answer_gap_with_new_faq(
        actor=owner, gap_id=other.pk, values={"question": "卖月饼吗？", "answer": "不卖。"}, publish=True
    )
    assert (made.similar, made.source, made.state) == (["有没有月饼"], "gap", "published")


@pytest.mark.parametrize(
    ("duplicates", "answer", "similar", "counts"),
    [
        (Duplicates.SKIP, "旧", ["甲"], (1, 0, 1)),
        (Duplicates.UPDATE, "新", ["甲", "乙"], (1, 1, 0)),
        (Duplicates.ADD_SIMILAR, "旧", ["甲", "乙"], (1, 1, 0)),
    ],
)
def test_importing_what_is_there_already(
    owner: Actor, duplicates: Duplicates, answer: str, similar: list[str], counts: tuple[int, int, int]
) -> None:
    services.create_faq(actor=owner, values={"question": "老问题", "answer": "旧", "similar": ["甲"]}, publish=True)
    rows = read_sheet("x", xlsx(["老问题？", "乙", "新", "", ""], ["新问题", "", "答", "", ""])).rows
    done = services.import_rows(actor=owner, rows=rows, duplicates=duplicates, publish=True)
    assert (done.created, done.updated, done.skipped) == counts
    old = Faq.objects.get(question="老问题")
    assert (old.answer, old.similar) == (answer, similar)
    assert Faq.objects.get(question="新问题").state == "published"
    again = services.import_rows(actor=owner, rows=rows, duplicates=duplicates, publish=True)
    assert (again.created, again.updated) == (0, 0)


def test_a_thousand_rows_bump_the_revision_once_a_chunk_and_write_one_event(owner: Actor) -> None:
    rows = read_sheet("x", xlsx(*[[f"问题{number}", "", "答", "", ""] for number in range(300)])).rows
    services.import_rows(actor=owner, rows=rows, duplicates=Duplicates.SKIP, publish=True)
    assert current_revision().number == 1
    assert OutboxEvent.objects.filter(kind="knowledge.imported").count() == 1
