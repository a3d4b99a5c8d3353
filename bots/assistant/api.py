"""The API of the assistant."""

from typing import Any

from django.http import HttpResponse
from ninja import Query

from bots.assistant import selectors, services
from bots.assistant.models import AssistantSettings
from bots.assistant.schemas import (
    AnswerOut,
    ModelCheckOut,
    PreviewIn,
    PreviewOut,
    SettingsOut,
    SettingsPatch,
    SuggestionOut,
)
from bots.assistant.services.settings import OWN_SENTENCES
from bots.assistant.types import Turn
from bots.assistant.wording import sentence
from bots.llm.embeddings import embeddings_wanted
from crm.knowledge.selectors import current_revision
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter, if_match, set_etag

router = AppRouter(tag="assistant")
_PAGE_ONLY = "settings hold secrets and are made on the page"


def _shown(row: AssistantSettings) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in SettingsOut.model_fields if hasattr(row, name)},
        "model_key_set": bool(row.model_key),
        "default_sentences": {
            key: {language: sentence(key, language) for language in ("zh", "en")} for key in OWN_SENTENCES
        },
        "vectors_ready": bool(row.vector_model) and row.vector_revision >= current_revision().number,
        "embeddings": embeddings_wanted(),
    }


@router.get("/assistant/settings", permission="assistant.read", response=SettingsOut, private=_PAGE_ONLY)
def assistant_settings_get(request: ApiRequest, response: HttpResponse) -> dict[str, Any]:
    """Return the assistant's settings."""
    return _shown(set_etag(response, services.settings_row()))


@router.patch("/assistant/settings", permission="assistant.update", response=SettingsOut, private=_PAGE_ONLY)
def assistant_settings_update(request: ApiRequest, response: HttpResponse, body: SettingsPatch) -> dict[str, Any]:
    """Change the assistant's settings."""
    changes = body.dict(exclude_unset=True)
    return _shown(
        set_etag(response, services.update_settings(actor=request.actor, changes=changes, version=if_match(request)))
    )


@router.post(
    "/assistant/settings/test-model", permission="assistant.update", response=ModelCheckOut, private=_PAGE_ONLY
)
def assistant_model_test(request: ApiRequest) -> dict[str, Any]:
    """Ask the configured model for a word."""
    code = services.test_model(actor=request.actor)
    return {"ok": not code, "code": code}


@router.post("/assistant/preview", permission="assistant.preview", response=PreviewOut)
def assistant_preview(request: ApiRequest, body: PreviewIn) -> dict[str, Any]:
    """Ask the assistant without sending, keeping or counting anything."""
    preview = services.preview_answer(
        actor=request.actor,
        text=body.text,
        choice=body.choice,
        memory=body.memory,
        history=[Turn(turn.by_customer, turn.text) for turn in body.history],
    )
    plan = preview.plan
    return {
        "action": plan.action,
        "reason": str(plan.reason or ""),
        "text": plan.text,
        "items": [{"id": key, "text": text} for key, text in plan.items],
        "tail": plan.tail,
        "generated": plan.generated,
        "asks_contact": plan.asks_contact,
        "confidence": preview.confidence,
        "direct_from": preview.direct_from,
        "menu_from": preview.menu_from,
        "embedded": preview.embedded,
        "sources": preview.sources,
        "candidates": [
            {
                "ref": hit.entry.key,
                "question": hit.entry.question,
                "answer": hit.entry.answer,
                "score": hit.score,
                "cosine": hit.cosine,
                "lexical": hit.lexical,
            }
            for hit in preview.candidates
        ],
        "captured": plan.capture.known() if plan.capture else {},
        "memory": preview.memory,
    }


@router.get("/assistant/answers", permission="assistant.read", response=Page[AnswerOut])
def assistant_answers_list(request: ApiRequest, page: Query[PageParams]) -> PageResult:
    """List what the assistant decided, newest first."""
    return paginate(selectors.recent_answers(request.actor), page, order=("-created_at", "-id"))


@router.get(
    "/assistant/conversations/{conversation_id}/answers", permission="conversation.read", response=Page[AnswerOut]
)
def assistant_answers_of_conversation(request: ApiRequest, conversation_id: int, page: Query[PageParams]) -> PageResult:
    """List what the assistant decided in one talk, newest first."""
    return paginate(selectors.answers_of(request.actor, conversation_id), page, order=("-created_at", "-id"))


@router.get("/knowledge/faqs/{faq_id}/suggestions", permission="faq.update", response=list[SuggestionOut])
def faqs_suggestions(request: ApiRequest, faq_id: int) -> list[dict[str, object]]:
    """Propose other ways to ask a question."""
    return services.suggest_similar(actor=request.actor, faq_id=faq_id)
