"""The widget's API as a visitor's browser uses it, on the base host where the key alone chooses the tenant."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from bots.channels.services import disconnect_channel
from crm.conversations.models import Conversation, Message
from crm.conversations.services import add_note, send_bot_message, send_member_message, take_over
from crm.customers.models import Consent, Identity
from crm.leads.models import Lead
from guanxi.access import Actor
from guanxi.tenancy import TenantRef, tenant_scope
from tests.bots.channels.web.conftest import SITE, Visit
from tests.people import Team


def png(color: str = "red") -> SimpleUploadedFile:
    """Return a small picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), color).save(buffer, "PNG")
    return SimpleUploadedFile("photo.png", buffer.getvalue(), "image/png")


def test_coming_leaves_nothing_behind_writing_does(visitor: Visit) -> None:
    """A crawler that opens the chat makes no person; the first message does, with where the visitor first came from."""
    assert Identity.objects.count() == Conversation.objects.count() == 0
    visitor.start(url=f"{SITE}/other?utm_source=later")
    answer = visitor.post(
        "/messages", {"text": " 包邮吗？ ", "page": {"url": f"{SITE}/cart", "title": "", "referrer": ""}}
    )
    assert answer.status_code == 201
    body = answer.json()
    assert (body["message"]["sender"], body["message"]["text"]) == ("visitor", "包邮吗？")
    assert body["talk"] == {"state": "bot", "agent": ""}
    conversation = Conversation.objects.get()
    assert conversation.channel_kind == "web"
    assert conversation.identity.kind == "web_visitor"
    touch = conversation.attribution["first"]
    assert (touch["utm_source"], touch["referrer"]) == ("baidu", "https://www.baidu.com/")
    visitor.post("/messages", {"text": "再问一句", "page": {"url": f"{SITE}/pay", "title": "", "referrer": ""}})
    conversation.refresh_from_db()
    assert conversation.attribution["first"]["utm_source"] == "baidu"
    assert conversation.attribution["last"]["page"] == f"{SITE}/pay"


def test_a_message_is_stored_once_however_often_it_is_sent(visitor: Visit) -> None:
    """The network ate the answer: the browser sends again with the same key, even after it began a new visit."""
    first = visitor.say("一", key="k1")
    again = visitor.say("一", key="k1")
    visitor.start()
    renewed = visitor.say("一", key="k1")
    assert [answer.status_code for answer in (first, again, renewed)] == [201, 201, 201]
    assert first.json() == again.json() == renewed.json()
    assert first.json()["message"]["client_key"] == "k1"
    assert Message.objects.count() == 1


def test_two_visitors_may_use_the_same_key(visitor: Visit) -> None:
    """A key belongs to its visitor."""
    other = Visit(visitor.key)
    other.start()
    visitor.say("一", key="same")
    other.say("二", key="same")
    assert visitor.texts() == ["一"]
    assert other.texts() == ["二"]


def test_the_talk_comes_back_by_token_and_by_cursor(visitor: Visit) -> None:
    """A page load resumes; older messages come when asked for, newer ones after a number."""
    visitor.say("0")
    first = Message.objects.get()
    for number in range(1, 60):
        Message.objects.create(
            conversation=first.conversation,
            channel_id=first.channel_id,
            dedupe_key=f"x{number}",
            direction="in",
            sender="customer",
            text=str(number),
        )
    resumed = visitor.start().json()
    assert [message["text"] for message in resumed["messages"]] == [str(number) for number in range(10, 60)]
    older = visitor.get(f"/conversation?before={resumed['older']}").json()
    assert [message["text"] for message in older["items"]] == [str(number) for number in range(10)]
    assert older["next"] is None
    after = visitor.get(f"/conversation?after={older['items'][2]['id']}").json()
    assert len(after["items"]) == 50
    rest = visitor.get(f"/conversation?after={after['next']}").json()
    assert [message["text"] for message in after["items"] + rest["items"]] == [str(number) for number in range(3, 60)]
    assert rest["next"] is None


def test_the_visitor_sees_answers_with_sources_and_label_and_never_a_note(visitor: Visit, team: Team) -> None:
    """What colleagues write to each other, what failed, and our own keys stay inside."""
    visitor.say("怎么退货")
    conversation = Conversation.objects.get()
    send_bot_message(
        conversation_id=conversation.pk,
        key="a:1",
        text="七天内可退。",
        generated=True,
        sources=[{"title": "退货", "url": "https://x.cn"}],
    )
    send_bot_message(
        conversation_id=conversation.pk,
        key="a:2",
        text="您想问？",
        kind="menu",
        payload={"items": [{"id": 3, "title": "运费谁出"}]},
    )
    take_over(actor=team["agent"], conversation_id=conversation.pk)
    add_note(actor=team["agent"], conversation_id=conversation.pk, text="此人很急")
    send_member_message(actor=team["agent"], conversation_id=conversation.pk, text="我来处理")
    failed = send_member_message(actor=team["agent"], conversation_id=conversation.pk, text="发不出去")
    Message.objects.filter(pk=failed.pk).update(state="failed")
    body = visitor.get("/conversation").json()
    assert [message["text"] for message in body["items"]] == ["怎么退货", "七天内可退。", "您想问？", "我来处理"]
    answer, menu, person = body["items"][1:]
    assert (answer["sender"], answer["generated"], answer["key"]) == ("assistant", True, "a:1")
    assert answer["sources"] == [{"title": "退货", "url": "https://x.cn"}]
    assert menu["choices"] == [{"id": "3", "text": "运费谁出"}]
    assert (person["sender"], person["name"], person["key"], person["generated"]) == ("member", "Agent", "", False)
    assert body["talk"] == {"state": "open", "agent": "Agent"}


def test_a_person_can_be_asked_for_before_anything_else_was_said(visitor: Visit) -> None:
    """The request is a message, and the talk stands in the queue with its reason; asking twice queues once."""
    answer = visitor.post("/handover", {"text": "我想找人工客服"}, key="h1")
    assert answer.status_code == 201
    assert answer.json()["talk"]["state"] == "queued"
    visitor.post("/handover", {"text": "我想找人工客服"}, key="h1")
    conversation = Conversation.objects.get()
    assert (conversation.state, conversation.handover_reason) == ("queued", "asked")
    assert visitor.texts() == ["我想找人工客服"]


def test_a_contact_becomes_a_lead_with_its_consent(visitor: Visit) -> None:
    """Name and phone as people write them; the sentence that was agreed to is kept; sent twice it is one lead."""
    visitor.say("想订礼盒")
    body = {"name": " 李  雷 ", "phone": "１３８-0013-8000", "consent": "我同意商家为回复本次咨询使用以上信息"}
    assert visitor.post("/contact", body, key="c1").status_code == 201
    assert visitor.post("/contact", body, key="c1").status_code == 201
    lead = Lead.objects.get()
    assert (lead.name, lead.phone, lead.source) == ("李 雷", "13800138000", "web")
    assert lead.first_touch["utm_source"] == "baidu"
    assert lead.conversation_id == Conversation.objects.get().pk
    consent = Consent.objects.get()
    assert (consent.channel, consent.text_version) == ("web", body["consent"])


@pytest.mark.parametrize(
    ("change", "field"), [({"phone": "12345"}, "phone"), ({"phone": "call me now"}, "phone"), ({"name": "   "}, "name")]
)
def test_a_wrong_contact_names_the_field_and_keeps_nothing(visitor: Visit, change: dict[str, str], field: str) -> None:
    """The form shows what to mend."""
    answer = visitor.post("/contact", {"name": "李雷", "phone": "13800138000", "consent": "ok", **change})
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == [field]
    assert Message.objects.count() == Lead.objects.count() == 0


def test_a_contact_without_consent_is_refused(visitor: Visit) -> None:
    """No consent, no storing."""
    answer = visitor.post("/contact", {"name": "李雷", "phone": "13800138000", "consent": ""})
    assert answer.status_code == 422
    assert Message.objects.count() == 0


def test_a_picture_goes_up_into_a_message_and_comes_back(visitor: Visit, team: Team) -> None:
    """Uploaded, sent, shown to the visitor and to the agent; its address works without a header."""
    upload = visitor.upload(png())
    assert upload.status_code == 201
    sent = visitor.post("/messages", {"text": "", "file": upload.json()["ref"]})
    assert sent.status_code == 201, sent.content
    shown = sent.json()["message"]["file"]
    content = visitor.client.get(shown["url"], SERVER_NAME=visitor.host)
    assert content.status_code == 200
    assert content.headers["Content-Type"] == "image/png"
    assert content.getvalue().startswith(b"\x89PNG")
    from guanxi.files.selectors import access_file

    file_id = Message.objects.get().file_id
    assert file_id is not None
    assert access_file(team["agent"], file_id).purpose == "web_message"


@pytest.mark.parametrize("content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"MZ\x90\x00", b""])
def test_only_real_pictures_are_taken(visitor: Visit, content: bytes) -> None:
    """The name says png, the content decides."""
    answer = visitor.upload(SimpleUploadedFile("photo.png", content, "image/png"))
    assert answer.status_code == 422
    assert answer.json()["code"] in {"file_kind_refused", "file_empty"}


def test_a_visitor_cannot_send_somebody_elses_file(visitor: Visit) -> None:
    """A reference is good for its visitor alone, and never a number."""
    other = Visit(visitor.key)
    other.start()
    ref = other.upload(png()).json()["ref"]
    for stolen in (ref, "1", ref[:-2]):
        answer = visitor.post("/messages", {"text": "看", "file": stolen})
        assert (answer.status_code, answer.json()["code"]) == (422, "file_lost")
    assert Message.objects.count() == 0


def test_nothing_is_no_message(visitor: Visit) -> None:
    """Blank text is refused, a text that is too long too."""
    assert visitor.say("  \n ").json()["code"] == "message_empty"
    assert visitor.say("长" * 4001).status_code == 422
    assert Message.objects.count() == 0


def _without_token(visit: Visit) -> list[Callable[[], Any]]:
    return [
        lambda: visit.get("/conversation"),
        lambda: visit.say("x"),
        lambda: visit.upload(png()),
        lambda: visit.post("/handover", {"text": "x"}),
        lambda: visit.post("/contact", {"name": "x", "phone": "13800138000", "consent": "x"}),
    ]


@pytest.mark.parametrize("token", ["", "nonsense", "a:b:c"])
def test_without_a_good_token_nothing_opens(visitor: Visit, token: str) -> None:
    """Every call answers 401 with a code that lets the widget begin anew."""
    visitor.token = token
    for call in _without_token(visitor):
        answer = call()
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert Message.objects.count() == 0


def test_a_token_of_another_tenant_does_nothing_here(visitor: Visit, foreign_channel: Any, beta: TenantRef) -> None:
    """On alpha's own host beta's visitor is nobody; on the base host the token leads to beta and never to alpha."""
    visitor.say("秘密")
    stranger = Visit(foreign_channel.key)
    stranger.start()
    stranger.say("beta's own")
    assert stranger.texts() == ["beta's own"]
    stranger.host = "alpha.localhost"
    for call in _without_token(stranger):
        assert call().status_code == 401
    assert Message.objects.count() == 1
    with tenant_scope(beta):
        assert Message.objects.count() == 1


def test_a_key_opens_only_its_own_workspace(visitor: Visit, foreign_channel: Any) -> None:
    """Beta's key on alpha's host is unknown there."""
    stranger = Visit(foreign_channel.key, host="alpha.localhost")
    assert stranger.start().status_code == 404
    assert Visit("gxw_nobodyknowsme").start().status_code == 404
    assert Visit("x").start().status_code == 404
    own = Visit(visitor.key, host="alpha.localhost")
    assert own.start().status_code == 200
    assert own.say("在自己的域名上").status_code == 201


def test_a_channel_that_was_taken_off_ends_its_tokens(visitor: Visit, web_channel: Any, owner: Actor) -> None:
    """The talk stays for the company; the visitor's page is told to begin anew and finds nothing."""
    visitor.say("还在吗")
    disconnect_channel(actor=owner, channel_id=web_channel.pk)
    assert visitor.say("喂").status_code == 401
    assert visitor.start().status_code == 404
    assert Message.objects.count() == 1


def test_a_token_of_another_channel_begins_a_new_visit(visitor: Visit, owner: Actor) -> None:
    """Two sites of one company know a browser apart."""
    from bots.channels.services import create_channel

    visitor.say("一号站")
    second = Visit(create_channel(actor=owner, kind="web", name="Second", values={}).key, token=visitor.token)
    assert second.start().json()["messages"] == []
    assert second.token != visitor.token


def test_who_writes_too_fast_is_told_when_to_go_on(visitor: Visit) -> None:
    """The widget waits as long as the answer says and loses nothing."""
    answers = [visitor.say(str(number)) for number in range(31)]
    assert {answer.status_code for answer in answers[:30]} == {201}
    assert (answers[30].status_code, answers[30].json()["code"]) == (429, "rate_limited")
    assert int(answers[30].headers["Retry-After"]) >= 1
    other = Visit(visitor.key)
    other.start()
    assert other.say("我是别人").status_code == 201


def test_a_damaged_first_call_is_refused_cleanly(visitor: Visit) -> None:
    """Whatever stands in the body, the answer is a problem and never a fault."""
    for body in ("", "{", "[]", '{"key": 5}', '{"key": {"a": 1}}', '"gxw_abcdefgh"', "\x00"):
        answer = visitor.client.post(
            "/api/widget/v1/visits", body, content_type="application/json", SERVER_NAME=visitor.host
        )
        assert answer.status_code in {400, 404, 422}, (body, answer.content)
        assert answer.headers["Content-Type"] == "application/problem+json"
