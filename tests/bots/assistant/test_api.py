"""The assistant's settings and preview over the API."""

from typing import Any

import pytest
from django.test import Client

from bots.assistant.models import Answer, AssistantSettings
from crm.conversations.models import Message
from crm.knowledge.models import UnansweredQuestion
from guanxi.access import Actor
from guanxi.secrets import unseal
from tests.bots.assistant.talks import FAQS
from tests.fakes.llm import FakeModel

SETTINGS = "/api/v1/assistant/settings"
PREVIEW = "/api/v1/assistant/preview"


@pytest.fixture
def page(alpha: object, browser_of: Any) -> Client:
    """The owner's browser."""
    found: Client = browser_of("alpha", "owner")
    return found


def send(page: Client, method: str, path: str, body: dict[str, Any], **headers: str) -> Any:
    return getattr(page, method)(path, body, content_type="application/json", headers=headers)


def test_settings_are_read_changed_and_versioned(page: Client) -> None:
    read = page.get(SETTINGS)
    assert read.status_code == 200
    assert read.json()["enabled"] is True
    assert read.json()["default_sentences"]["greeting"]["zh"].startswith("您好")
    changed = send(
        page,
        "patch",
        SETTINGS,
        {"tone": "formal", "sentences": {"greeting": {"zh": "欢迎光临"}}},
        if_match=read["ETag"],
    )
    assert changed.status_code == 200, changed.content
    assert (changed.json()["tone"], changed.json()["sentences"]) == ("formal", {"greeting": {"zh": "欢迎光临"}})
    stale = send(page, "patch", SETTINGS, {"tone": "concise"}, if_match=read["ETag"])
    assert (stale.status_code, stale.json()["code"]) == (412, "version_conflict")


def test_the_key_goes_in_sealed_and_never_comes_out(page: Client) -> None:
    body = {
        "model_enabled": True,
        "model_base_url": "https://api.example.com/v1/",
        "model_name": "qwen-plus",
        "model_key": "sk-very-secret",
    }
    answer = send(page, "patch", SETTINGS, body)
    assert answer.status_code == 200, answer.content
    assert b"sk-very-secret" not in answer.content
    assert (answer.json()["model_key_set"], answer.json()["model_base_url"]) == (True, "https://api.example.com/v1")
    row = AssistantSettings.objects.get()
    assert "sk-very-secret" not in row.model_key
    assert unseal(row.model_key, field="assistant.model_key", row="1") == "sk-very-secret"
    assert b"sk-very-secret" not in page.get(SETTINGS).content
    cleared = send(page, "patch", SETTINGS, {"model_key": ""})
    assert cleared.json()["model_key_set"] is False


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"model_base_url": "ftp://x"}, "endpoint_invalid"),
        ({"model_base_url": "https://user:pw@x.example.com"}, "endpoint_invalid"),
        ({"model_enabled": True}, "model_incomplete"),
        ({"sentences": {"nonsense": {"zh": "x"}}}, "sentence_unknown"),
        ({"sentences": {"greeting": {"zh": "x" * 501}}}, "text_too_long"),
    ],
)
def test_bad_settings_are_refused_and_change_nothing(page: Client, body: dict[str, Any], code: str) -> None:
    page.get(SETTINGS)
    before = AssistantSettings.objects.values().get()
    answer = send(page, "patch", SETTINGS, body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert AssistantSettings.objects.values().get() == before


def test_a_rep_may_look_but_not_change(alpha: object, browser_of: Any) -> None:
    rep = browser_of("alpha", "rep")
    assert rep.get(SETTINGS).status_code == 200
    assert send(rep, "patch", SETTINGS, {"enabled": False}).status_code == 403


def test_a_preview_answers_explains_and_leaves_no_trace(page: Client, knowledge: None) -> None:
    answer = send(page, "post", PREVIEW, {"text": "怎么开发票呀"})
    assert answer.status_code == 200, answer.content
    seen = answer.json()
    assert (seen["action"], seen["text"]) == ("direct", FAQS[0][2])
    assert seen["sources"][0]["title"] == "怎么开发票？"
    assert seen["candidates"][0]["score"] >= seen["candidates"][1]["score"]
    assert seen["confidence"] >= seen["direct_from"]
    assert not (Message.objects.exists() or Answer.objects.exists() or UnansweredQuestion.objects.exists())


def test_a_tried_talk_goes_on_with_its_memory(page: Client, knowledge: None) -> None:
    first = send(page, "post", PREVIEW, {"text": "我要订200盒"}).json()
    assert first["asks_contact"] is True
    second = send(page, "post", PREVIEW, {"text": "13812345678", "memory": first["memory"]}).json()
    assert (second["action"], second["reason"], second["captured"]["phone"]) == (
        "captured",
        "buying_intent",
        "13812345678",
    )


def test_the_model_is_checked_from_the_page(page: Client, model: FakeModel) -> None:
    assert send(page, "post", f"{SETTINGS}/test-model", {}).json() == {"ok": True, "code": ""}
    model.behave("error_500")
    assert send(page, "post", f"{SETTINGS}/test-model", {}).json() == {"ok": False, "code": "model_error"}


def test_similar_questions_are_proposed_from_what_was_asked(page: Client, knowledge: None, owner: Actor) -> None:
    from crm.knowledge.models import Faq
    from crm.knowledge.services import record_unanswered

    faq = Faq.objects.get(question="运费怎么算？")
    record_unanswered(question="寄过来邮钱谁出", conversation_id=None, nearest_faq_id=faq.pk)
    proposals = page.get(f"/api/v1/knowledge/faqs/{faq.pk}/suggestions").json()
    assert proposals[0]["text"] == "寄过来邮钱谁出"
    assert {"邮费怎么算？", "快递费怎么算？"} & {proposal["text"] for proposal in proposals}


def test_decisions_are_listed(page: Client, knowledge: None) -> None:
    from tests.bots.assistant.talks import Customer

    customer = Customer()
    customer.ask("包邮吗")
    rows = page.get(f"/api/v1/assistant/conversations/{customer.talk.pk}/answers").json()["items"]
    assert [(row["action"], row["passive"]) for row in rows] == [("direct", False)]
    assert page.get("/api/v1/assistant/answers").json()["items"] == rows
