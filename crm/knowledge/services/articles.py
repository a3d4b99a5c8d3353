"""Writes articles and cuts them into chunks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from crm.knowledge import events
from crm.knowledge.models import Article, ArticleChunk
from crm.knowledge.selectors import access_article
from crm.knowledge.services.base import (
    apply_changes,
    bump_revision,
    check_validity,
    clean_shared,
    require_text,
    state_changes,
    tell,
)
from crm.knowledge.types import MAX_BODY, MAX_QUESTION, guess_language
from crm.records.search import search_keys
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock

State = Article.State
CHUNK = 500
"""Characters that a chunk holds at most: four of them are quoted to a model, one fits a chat bubble."""
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$")
_SENTENCE_END = re.compile(r"(?<=[。！？；!?;])|(?<=\.)\s")


def cut_into_chunks(title: str, body: str) -> list[tuple[str, str]]:
    """Return (heading, text) passages: by heading, then by paragraph, then by sentence, none longer than a chunk."""
    chunks: list[tuple[str, str]] = []
    for heading, paragraphs in _sections(title, body):
        text = ""
        for piece in (piece for paragraph in paragraphs for piece in _short_enough(paragraph)):
            if text and len(text) + len(piece) + 1 > CHUNK:
                chunks.append((heading, text))
                text = ""
            text = f"{text}\n{piece}" if text else piece
        if text:
            chunks.append((heading, text))
    return chunks


def _sections(title: str, body: str) -> Iterator[tuple[str, list[str]]]:
    heading: str = title
    lines: list[str] = []
    for line in body.replace("\r\n", "\n").split("\n"):
        found = _HEADING.match(line)
        if found:
            yield heading, _paragraphs(lines)
            heading, lines = found.group(1), []
        else:
            lines.append(line)
    yield heading, _paragraphs(lines)


def _paragraphs(lines: Sequence[str]) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", "\n".join(lines)) if part.strip()]


def _short_enough(paragraph: str) -> Iterator[str]:
    if len(paragraph) <= CHUNK:
        yield paragraph
        return
    text = ""
    for sentence in _SENTENCE_END.split(paragraph):
        for part in (sentence[at : at + CHUNK] for at in range(0, len(sentence), CHUNK)):
            if len(text) + len(part) > CHUNK:
                yield text
                text = ""
            text += part
    if text:
        yield text


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = clean_shared(values)
    if values.get("title") is not None:
        cleaned["title"] = require_text(" ".join(values["title"].split()), field="title", longest=MAX_QUESTION)
    if values.get("body") is not None:
        cleaned["body"] = require_text(values["body"], field="body", longest=MAX_BODY)
    return cleaned


def _write_chunks(article: Article) -> None:
    article.chunks.all().delete()
    ArticleChunk.objects.bulk_create(
        ArticleChunk(article=article, position=position, heading=heading, text=text)
        for position, (heading, text) in enumerate(cut_into_chunks(article.title, article.body))
    )


@transaction.atomic
def create_article(*, actor: Actor, values: Mapping[str, Any], publish: bool = False) -> Article:
    """Write an article, as a draft unless it is published at once."""
    require(actor, "article.create")
    if publish:
        require(actor, "article.publish")
    cleaned = _clean({"title": "", "body": "", **values})
    now = clock.now()
    article = Article(
        created_by_id=actor.member_id, updated_by_id=actor.member_id, created_at=now, updated_at=now, **cleaned
    )
    if "language" not in cleaned:
        article.language = guess_language(article.title + article.body[:200])
    if publish:
        state_changes(article, State.PUBLISHED)
    check_validity(article)
    article.search_keys = search_keys(article.title, article.body[:300])
    article.save()
    _write_chunks(article)
    record_audit(actor=actor, action="create", kind="article", record_id=article.pk)
    tell(actor, events.ARTICLE_CREATED, ("article", article.pk), {"state": article.state})
    if publish:
        bump_revision(actor)
    return article


@transaction.atomic
def update_article(*, actor: Actor, article_id: int, changes: Mapping[str, Any], version: int | None = None) -> Article:
    """Change an article; a published one needs the right to publish. Raises VersionConflict for another version."""
    require(actor, "article.update")
    article = access_article(actor, article_id, lock=True)
    if article.state == State.PUBLISHED:
        require(actor, "article.publish")
    changed = apply_changes(actor, article, "article", _clean(changes), version=version)
    if not changed:
        return article
    check_validity(article)
    article.search_keys = search_keys(article.title, article.body[:300])
    article.save()
    if changed.keys() & {"title", "body"}:
        _write_chunks(article)
    tell(actor, events.ARTICLE_UPDATED, ("article", article.pk), {"fields": sorted(changed)})
    if article.state == State.PUBLISHED:
        bump_revision(actor)
    return article


@transaction.atomic
def set_article_state(*, actor: Actor, article_id: int, state: str) -> Article:
    """Publish an article, draw it back to draft, archive or restore it."""
    require(
        actor,
        "article.publish"
        if state == State.PUBLISHED
        else "article.archive"
        if state == State.ARCHIVED
        else "article.update",
    )
    article = access_article(actor, article_id, lock=True)
    before = article.state
    if before == state:
        return article
    if before == State.PUBLISHED:
        require(actor, "article.publish")
    state_changes(article, state)
    article.version += 1
    article.updated_at, article.updated_by_id = clock.now(), actor.member_id
    article.save()
    record_audit(
        actor=actor, action=f"state.{state}", kind="article", record_id=article.pk, changes={"state": (before, state)}
    )
    tell(actor, events.ARTICLE_STATE, ("article", article.pk), {"from": before, "to": state})
    if State.PUBLISHED in (before, state):
        bump_revision(actor)
    return article
