"""The API of the knowledge base."""

from typing import Any

from django.http import HttpResponse
from ninja import File, Query
from ninja.files import UploadedFile

from crm.knowledge import selectors, services
from crm.knowledge.models import Article, Faq, UnansweredQuestion
from crm.knowledge.schemas import (
    ArticleBrief,
    ArticleIn,
    ArticleOut,
    ArticlePatch,
    CountsOut,
    FaqIn,
    FaqOut,
    FaqPatch,
    FaqStates,
    GapAnswer,
    GapFilters,
    GapOut,
    GapToFaq,
    ImportIn,
    ImportPreviewOut,
    ImportStarted,
    PieceFilters,
    StateIn,
)
from crm.knowledge.services.imports import Duplicates
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter, if_match, set_etag

router = AppRouter(tag="knowledge")
SAMPLE = 20
PROBLEMS = 200


@router.get("/knowledge/counts", permission="faq.read", response=CountsOut)
def knowledge_counts(request: ApiRequest) -> dict[str, Any]:
    """Return how many pieces and open questions there are, and the categories in use."""
    return {**selectors.knowledge_counts(), "categories": selectors.categories()}


@router.get("/knowledge/faqs", permission="faq.read", response=Page[FaqOut])
def faqs_list(request: ApiRequest, filters: Query[PieceFilters], page: Query[PageParams]) -> PageResult:
    """List questions with their answers."""
    return paginate(selectors.find_faqs(request.actor, filters.dict()), page, order=(filters.order, "-id"))


@router.post("/knowledge/faqs", permission="faq.create", response={201: FaqOut})
def faqs_create(request: ApiRequest, body: FaqIn) -> tuple[int, Faq]:
    """Write a question with its answer, as a draft unless it is published at once."""
    values = body.dict(exclude={"publish"}, exclude_none=True)
    return 201, services.create_faq(actor=request.actor, values=values, publish=body.publish)


@router.post("/knowledge/faqs/states", permission="faq.update", response=list[FaqOut])
def faqs_set_states(request: ApiRequest, body: FaqStates) -> list[Faq]:
    """Publish, draw back, archive or restore several questions at once; returns those that moved."""
    return services.set_faq_states(actor=request.actor, faq_ids=body.ids, state=body.state)


@router.get("/knowledge/faqs/{faq_id}", permission="faq.read", response=FaqOut)
def faqs_get(request: ApiRequest, response: HttpResponse, faq_id: int) -> Faq:
    """Return a question with its answer."""
    return set_etag(response, selectors.access_faq(request.actor, faq_id))


@router.patch("/knowledge/faqs/{faq_id}", permission="faq.update", response=FaqOut)
def faqs_update(request: ApiRequest, response: HttpResponse, faq_id: int, body: FaqPatch) -> Faq:
    """Change a question or its answer."""
    changes = body.dict(exclude_unset=True)
    return set_etag(
        response, services.update_faq(actor=request.actor, faq_id=faq_id, changes=changes, version=if_match(request))
    )


@router.get("/knowledge/articles", permission="article.read", response=Page[ArticleBrief])
def articles_list(request: ApiRequest, filters: Query[PieceFilters], page: Query[PageParams]) -> PageResult:
    """List articles."""
    return paginate(
        selectors.find_articles(request.actor, filters.dict()).defer("body"), page, order=(filters.order, "-id")
    )


@router.post("/knowledge/articles", permission="article.create", response={201: ArticleOut})
def articles_create(request: ApiRequest, body: ArticleIn) -> tuple[int, Article]:
    """Write an article, as a draft unless it is published at once."""
    values = body.dict(exclude={"publish"}, exclude_none=True)
    return 201, services.create_article(actor=request.actor, values=values, publish=body.publish)


@router.get("/knowledge/articles/{article_id}", permission="article.read", response=ArticleOut)
def articles_get(request: ApiRequest, response: HttpResponse, article_id: int) -> Article:
    """Return an article."""
    return set_etag(response, selectors.access_article(request.actor, article_id))


@router.patch("/knowledge/articles/{article_id}", permission="article.update", response=ArticleOut)
def articles_update(request: ApiRequest, response: HttpResponse, article_id: int, body: ArticlePatch) -> Article:
    """Change an article."""
    changes = body.dict(exclude_unset=True)
    article = services.update_article(
        actor=request.actor, article_id=article_id, changes=changes, version=if_match(request)
    )
    return set_etag(response, article)


@router.post("/knowledge/articles/{article_id}/state", permission="article.update", response=ArticleOut)
def articles_set_state(request: ApiRequest, article_id: int, body: StateIn) -> Article:
    """Publish an article, draw it back to draft, archive or restore it."""
    return services.set_article_state(actor=request.actor, article_id=article_id, state=body.state)


@router.get("/knowledge/gaps", permission="faq.read", response=Page[GapOut])
def gaps_list(request: ApiRequest, filters: Query[GapFilters], page: Query[PageParams]) -> PageResult:
    """List the questions that nobody could answer, the most asked first."""
    return paginate(
        selectors.find_gaps(request.actor, filters.dict()), page, order=("-asked_count", "-last_asked_at", "-id")
    )


@router.post("/knowledge/gaps/{gap_id}/faq", permission="knowledge.answer_gap", response={201: FaqOut})
def gaps_answer(request: ApiRequest, gap_id: int, body: GapAnswer) -> tuple[int, Faq]:
    """Make a FAQ of an unanswered question."""
    values = body.dict(exclude={"publish"})
    return 201, services.answer_gap_with_new_faq(
        actor=request.actor, gap_id=gap_id, values=values, publish=body.publish
    )


@router.post("/knowledge/gaps/{gap_id}/similar", permission="knowledge.answer_gap", response=FaqOut)
def gaps_join(request: ApiRequest, gap_id: int, body: GapToFaq) -> Faq:
    """Store an unanswered question as another way to ask a question that has an answer."""
    return services.answer_gap_with_faq(actor=request.actor, gap_id=gap_id, faq_id=body.faq_id)


@router.post("/knowledge/gaps/{gap_id}/dismiss", permission="knowledge.answer_gap", response=GapOut)
def gaps_dismiss(request: ApiRequest, gap_id: int) -> UnansweredQuestion:
    """Say that a question needs no answer."""
    return services.dismiss_gap(actor=request.actor, gap_id=gap_id)


@router.post("/knowledge/import/preview", permission="knowledge.import", response=ImportPreviewOut)
def knowledge_import_preview(request: ApiRequest, file: File[UploadedFile]) -> dict[str, Any]:
    """Look through a spreadsheet (xlsx, or csv in UTF-8 or GBK); nothing is written into the knowledge base."""
    preview = services.preview_import(actor=request.actor, name=file.name or "import", content=file.read())
    sheet = preview.content
    return {
        "file_id": preview.file_id,
        "columns": sheet.columns,
        "rows": len(sheet.rows),
        "new": preview.new,
        "existing": preview.existing,
        "sample": sheet.rows[:SAMPLE],
        "problems": sheet.problems[:PROBLEMS],
        "problem_rows": len({problem.row for problem in sheet.problems}),
    }


@router.post("/knowledge/import", permission="knowledge.import", response={202: ImportStarted})
def knowledge_import(request: ApiRequest, body: ImportIn) -> tuple[int, dict[str, int]]:
    """Import a spreadsheet that was looked through; watch the job for its progress and result."""
    job = services.start_import(
        actor=request.actor, file_id=body.file_id, duplicates=Duplicates(body.duplicates), publish=body.publish
    )
    return 202, {"job_id": job.pk}
