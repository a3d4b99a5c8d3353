"""Reads the knowledge base."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from crm.knowledge.models import Article, ArticleChunk, Faq, KnowledgeBase, Piece, UnansweredQuestion
from crm.knowledge.types import PublishedPiece, Revision, question_key
from crm.records.search import search_q
from guanxi.access import Actor, allows
from guanxi.common import clock
from guanxi.common.errors import NotFound


def visible_faqs(actor: Actor) -> QuerySet[Faq]:
    """Return the FAQs that the actor may read: all or none, knowledge belongs to the whole company."""
    return Faq.objects.all() if allows(actor, "faq.read") else Faq.objects.none()


def access_faq(actor: Actor, faq_id: int, *, lock: bool = False) -> Faq:
    """Return a FAQ; raise NotFound when there is none that the actor may read."""
    rows = visible_faqs(actor).filter(pk=faq_id)
    faq = (rows.select_for_update() if lock else rows).first()
    if faq is None:
        raise NotFound("faq", faq_id)
    return faq


def find_faqs(actor: Actor, filters: Mapping[str, Any]) -> QuerySet[Faq]:
    """Return the FAQs that fit: q, state ("" for all but archived), language, category, tag."""
    return _narrow(visible_faqs(actor), filters)


def visible_articles(actor: Actor) -> QuerySet[Article]:
    """Return the articles that the actor may read: all or none."""
    return Article.objects.all() if allows(actor, "article.read") else Article.objects.none()


def access_article(actor: Actor, article_id: int, *, lock: bool = False) -> Article:
    """Return an article; raise NotFound when there is none that the actor may read."""
    rows = visible_articles(actor).filter(pk=article_id)
    article = (rows.select_for_update() if lock else rows).first()
    if article is None:
        raise NotFound("article", article_id)
    return article


def find_articles(actor: Actor, filters: Mapping[str, Any]) -> QuerySet[Article]:
    """Return the articles that fit: q, state ("" for all but archived), language, category, tag."""
    return _narrow(visible_articles(actor), filters)


def _narrow(rows: QuerySet[Any], filters: Mapping[str, Any]) -> QuerySet[Any]:
    state = filters.get("state")
    rows = rows.filter(state=state) if state else rows.exclude(state=Piece.State.ARCHIVED)
    for name in ("language", "category"):
        if value := filters.get(name):
            rows = rows.filter(**{name: value})
    if tag := filters.get("tag"):
        rows = rows.filter(tags__contains=[tag])
    if text := filters.get("q"):
        rows = rows.filter(search_q(text))
    return rows


def categories() -> list[str]:
    """Return the categories in use, sorted."""
    used = {*Faq.objects.exclude(state="archived").values_list("category", flat=True).distinct()}
    used |= {*Article.objects.exclude(state="archived").values_list("category", flat=True).distinct()}
    return sorted(used - {""})


def knowledge_counts() -> dict[str, int]:
    """Return how many pieces and open questions there are, for the page's head."""
    return {
        "faqs_published": Faq.objects.filter(state="published").count(),
        "faqs_draft": Faq.objects.filter(state="draft").count(),
        "articles_published": Article.objects.filter(state="published").count(),
        "articles_draft": Article.objects.filter(state="draft").count(),
        "gaps_open": UnansweredQuestion.objects.filter(state="open").count(),
    }


def find_gaps(actor: Actor, filters: Mapping[str, Any]) -> QuerySet[UnansweredQuestion]:
    """Return the questions that nobody could answer, in the state asked for."""
    if not allows(actor, "faq.read"):
        return UnansweredQuestion.objects.none()
    rows = UnansweredQuestion.objects.filter(state=filters.get("state") or "open").select_related("nearest_faq")
    if text := filters.get("q"):
        rows = rows.filter(question__icontains=text)
    return rows


def gaps_near(faq_id: int, limit: int = 20) -> list[UnansweredQuestion]:
    """Return the open questions that came nearest to a FAQ, the most asked first."""
    rows = UnansweredQuestion.objects.filter(state="open", nearest_faq_id=faq_id)
    return list(rows.order_by("-asked_count", "-last_asked_at")[:limit])


def faqs_by_key(questions: Sequence[str]) -> dict[tuple[str, str], Faq]:
    """Return (key, language) → FAQ for those of the questions that are there already, archived ones apart."""
    keys = {question_key(question) for question in questions}
    rows = Faq.objects.filter(question_key__in=keys).exclude(state="archived")
    return {(faq.question_key, faq.language): faq for faq in rows}


def current_revision() -> Revision:
    """Return which state of the published knowledge holds now: one indexed read."""
    base = KnowledgeBase.objects.filter(pk=1).first()
    if base is None:
        return Revision(0)
    return Revision(base.revision, clock.today() if base.dated else None)


def published_pieces() -> list[PublishedPiece]:
    """Return everything that may answer a customer today."""
    faqs = _valid_today(Faq.objects.filter(state="published")).order_by("id")
    pieces = [
        PublishedPiece(f"faq:{pk}", question, answer, tuple(similar), language)
        for pk, question, answer, similar, language in faqs.values_list(
            "id", "question", "answer", "similar", "language"
        )
    ]
    articles = _valid_today(Article.objects.filter(state="published"))
    chunks = ArticleChunk.objects.filter(article__in=articles).order_by("id")
    for pk, heading, text, title, language in chunks.values_list(
        "id", "heading", "text", "article__title", "article__language"
    ):
        name = f"{title} · {heading}" if heading and heading != title else title
        pieces.append(PublishedPiece(f"chunk:{pk}", name, text, (), language))
    return pieces


def published_count() -> int:
    """Return how many pieces are published, without reading them."""
    chunks = ArticleChunk.objects.filter(article__state="published").count()
    return Faq.objects.filter(state="published").count() + chunks


def _valid_today(rows: QuerySet[Any]) -> QuerySet[Any]:
    today = clock.today()
    return rows.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=today), Q(valid_until__isnull=True) | Q(valid_until__gte=today)
    )
