"""Keeps the questions that nobody could answer, and makes knowledge of them."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from crm.knowledge import events
from crm.knowledge.models import Faq, UnansweredQuestion
from crm.knowledge.services.base import tell
from crm.knowledge.services.faqs import add_similar, create_faq
from crm.knowledge.types import MAX_QUESTION, guess_language, question_key
from guanxi.access import Actor, require
from guanxi.common import clock
from guanxi.common.errors import Conflict, NotFound

State = UnansweredQuestion.State


@transaction.atomic
def record_unanswered(
    *, question: str, conversation_id: int | None, nearest_faq_id: int | None = None, confidence: float = 0.0
) -> UnansweredQuestion | None:
    """Count a question that the assistant could not answer; return None for a text that is no question of words."""
    question = " ".join(question.split())[:MAX_QUESTION]
    key = question_key(question)
    if len(key) < 2:
        return None
    gap = _counted(key, conversation_id)
    if gap is None:
        try:
            with transaction.atomic():
                gap = UnansweredQuestion.objects.create(
                    question=question,
                    question_key=key,
                    language=guess_language(question),
                    conversation_id=conversation_id,
                    nearest_faq=Faq.objects.filter(pk=nearest_faq_id).first() if nearest_faq_id else None,
                    confidence=confidence,
                    last_asked_at=clock.now(),
                )
        except IntegrityError:
            # Another worker wrote the same question at this moment.
            gap = _counted(key, conversation_id)
    if gap is not None:
        tell(None, events.GAP_FOUND, ("knowledge", 1), {"gap_id": gap.pk, "asked_count": gap.asked_count})
    return gap


def _counted(key: str, conversation_id: int | None) -> UnansweredQuestion | None:
    now = clock.now()
    rows = UnansweredQuestion.objects.filter(question_key=key, state=State.OPEN)
    rows.update(asked_count=F("asked_count") + 1, last_asked_at=now, updated_at=now, conversation_id=conversation_id)
    return rows.first()


def _open_gap(gap_id: int) -> UnansweredQuestion:
    gap = UnansweredQuestion.objects.select_for_update().filter(pk=gap_id).first()
    if gap is None:
        raise NotFound("gap", gap_id)
    if gap.state != State.OPEN:
        raise Conflict("gap_closed", "Somebody has dealt with this question already.")
    return gap


def _close(actor: Actor, gap: UnansweredQuestion, state: str, faq: Faq | None = None) -> UnansweredQuestion:
    gap.state, gap.answered_by, gap.handled_by_id, gap.updated_at = state, faq, actor.member_id, clock.now()
    gap.save()
    tell(actor, events.GAP_CLOSED, ("knowledge", 1), {"gap_id": gap.pk, "state": state})
    return gap


@transaction.atomic
def answer_gap_with_new_faq(*, actor: Actor, gap_id: int, values: Mapping[str, Any], publish: bool = False) -> Faq:
    """Make a FAQ of an unanswered question; the question may be worded anew, and then stays as a similar one."""
    require(actor, "knowledge.answer_gap")
    gap = _open_gap(gap_id)
    question = values.get("question") or gap.question
    similar = [*(values.get("similar") or []), *([gap.question] if question_key(question) != gap.question_key else [])]
    faq = create_faq(
        actor=actor, values={**values, "question": question, "similar": similar}, publish=publish, source=Faq.Source.GAP
    )
    _close(actor, gap, State.ANSWERED, faq)
    return faq


@transaction.atomic
def answer_gap_with_faq(*, actor: Actor, gap_id: int, faq_id: int) -> Faq:
    """Store an unanswered question as another way to ask a question that has an answer."""
    require(actor, "knowledge.answer_gap")
    gap = _open_gap(gap_id)
    faq = add_similar(actor=actor, faq_id=faq_id, text=gap.question)
    _close(actor, gap, State.ANSWERED, faq)
    return faq


@transaction.atomic
def dismiss_gap(*, actor: Actor, gap_id: int) -> UnansweredQuestion:
    """Say that a question needs no answer."""
    require(actor, "knowledge.answer_gap")
    return _close(actor, _open_gap(gap_id), State.DISMISSED)
