"""Writes questions and answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from crm.knowledge import events
from crm.knowledge.models import Faq
from crm.knowledge.selectors import access_faq
from crm.knowledge.services.base import (
    apply_changes,
    bump_revision,
    check_validity,
    clean_shared,
    require_text,
    state_changes,
    tell,
    unique_texts,
)
from crm.knowledge.types import MAX_ANSWER, MAX_QUESTION, MAX_SIMILAR, guess_language, question_key
from crm.records.search import search_keys
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid

State = Faq.State


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = clean_shared(values)
    if values.get("question") is not None:
        cleaned["question"] = require_text(" ".join(values["question"].split()), field="question", longest=MAX_QUESTION)
    if values.get("answer") is not None:
        cleaned["answer"] = require_text(values["answer"], field="answer", longest=MAX_ANSWER)
    if values.get("similar") is not None:
        similar = unique_texts(values["similar"])
        if len(similar) > MAX_SIMILAR or any(len(text) > MAX_QUESTION for text in similar):
            raise Invalid(
                "similar_too_many",
                f"At most {MAX_SIMILAR} similar questions of {MAX_QUESTION} characters. Nothing was saved.",
                fields={"similar": "too_long"},
            )
        cleaned["similar"] = similar
    return cleaned


def _complete(faq: Faq) -> None:
    """Bring what follows from the texts up to date, and refuse a question that is there already."""
    check_validity(faq)
    faq.question_key = question_key(faq.question)
    faq.similar = [text for text in faq.similar if question_key(text) != faq.question_key]
    faq.search_keys = search_keys(faq.question, *faq.similar, faq.answer[:300])
    if faq.state == State.ARCHIVED:
        return
    same = (
        Faq.objects.filter(question_key=faq.question_key, language=faq.language)
        .exclude(state=State.ARCHIVED)
        .exclude(pk=faq.pk)
        .first()
    )
    if same is not None:
        raise Conflict("faq_exists", "This question is there already. Nothing was saved.", params={"id": same.pk})


@transaction.atomic
def create_faq(
    *, actor: Actor, values: Mapping[str, Any], publish: bool = False, source: str = Faq.Source.MANUAL
) -> Faq:
    """Write a question with its answer, as a draft unless it is published at once.

    Raises Invalid, or Conflict when the question is there.
    """
    require(actor, "faq.create")
    if publish:
        require(actor, "faq.publish")
    cleaned = _clean({"question": "", "answer": "", **values})
    now = clock.now()
    faq = Faq(
        source=source,
        created_by_id=actor.member_id,
        updated_by_id=actor.member_id,
        created_at=now,
        updated_at=now,
        **cleaned,
    )
    if "language" not in cleaned:
        faq.language = guess_language(faq.question)
    if publish:
        state_changes(faq, State.PUBLISHED)
    _complete(faq)
    faq.save()
    record_audit(actor=actor, action="create", kind="faq", record_id=faq.pk)
    tell(actor, events.FAQ_CREATED, ("faq", faq.pk), {"state": faq.state})
    if publish:
        bump_revision(actor)
    return faq


@transaction.atomic
def update_faq(*, actor: Actor, faq_id: int, changes: Mapping[str, Any], version: int | None = None) -> Faq:
    """Change a question or its answer; a published one needs the right to publish. Raises VersionConflict."""
    require(actor, "faq.update")
    faq = access_faq(actor, faq_id, lock=True)
    if faq.state == State.PUBLISHED:
        require(actor, "faq.publish")
    changed = apply_changes(actor, faq, "faq", _clean(changes), version=version)
    if not changed:
        return faq
    _complete(faq)
    faq.save()
    tell(actor, events.FAQ_UPDATED, ("faq", faq.pk), {"fields": sorted(changed)})
    if faq.state == State.PUBLISHED:
        bump_revision(actor)
    return faq


@transaction.atomic
def add_similar(*, actor: Actor, faq_id: int, text: str) -> Faq:
    """Store another way to ask a question."""
    faq = access_faq(actor, faq_id, lock=True)
    return update_faq(actor=actor, faq_id=faq_id, changes={"similar": [*faq.similar, text]})


@transaction.atomic
def set_faq_states(*, actor: Actor, faq_ids: Sequence[int], state: str) -> list[Faq]:
    """Publish, draw back, archive or restore several questions; the knowledge changes once for all of them."""
    permission = (
        "faq.publish" if state == State.PUBLISHED else "faq.archive" if state == State.ARCHIVED else "faq.update"
    )
    require(actor, permission)
    moved, published = [], False
    for faq in [access_faq(actor, faq_id, lock=True) for faq_id in sorted(set(faq_ids))]:
        before = faq.state
        if before == state:
            continue
        if before == State.PUBLISHED:
            require(actor, "faq.publish")
        published = published or State.PUBLISHED in (before, state)
        state_changes(faq, state)
        _complete(faq)
        faq.version += 1
        faq.updated_at, faq.updated_by_id = clock.now(), actor.member_id
        faq.save()
        record_audit(
            actor=actor, action=f"state.{state}", kind="faq", record_id=faq.pk, changes={"state": (before, state)}
        )
        tell(actor, events.FAQ_STATE, ("faq", faq.pk), {"from": before, "to": state})
        moved.append(faq)
    if published:
        bump_revision(actor)
    return moved


def note_faq_used(*, faq_id: int) -> None:
    """Count that an answer went out."""
    Faq.objects.filter(pk=faq_id).update(use_count=F("use_count") + 1, last_used_at=clock.now())


def rate_faq(*, faq_id: int, helpful: bool) -> None:
    """Count what a customer thought of an answer."""
    column = "helpful_count" if helpful else "unhelpful_count"
    Faq.objects.filter(pk=faq_id).update(**{column: F(column) + 1})
