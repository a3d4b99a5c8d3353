"""The callback: who may call, what is stored, what is answered, and that a message is stored and answered once."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client

from bots.channels.models import Channel, QrCode, RefusedCall
from bots.channels.selectors import refused_calls
from bots.channels.services import disconnect_channel, switch_capability, update_channel
from bots.channels.wechat import receiving
from crm.conversations.models import Conversation, Message
from crm.conversations.services import take_over
from crm.conversations.types import Said
from crm.customers.models import Identity
from crm.outreach.models import SendWindow
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.events.models import OutboxEvent
from guanxi.tenancy import TenantRef, public_scope
from tests.bots.channels.wechat.conftest import Responder
from tests.bots.channels.wechat.signing import APP_ID, OPENID, Signer, address, post
from tests.fakes.wechat.passive import read_reply
from tests.fakes.wechat.records import Follower, Mode

SIGNER = Signer()
FOLLOWER = Follower(openid=OPENID, app_id=APP_ID, nickname="林晓雨")


@pytest.fixture
def base() -> Client:
    """Somebody who calls the base host, as Tencent does."""
    return Client(SERVER_NAME="127.0.0.1")


def shown(answer: Any, signer: Signer = SIGNER) -> str | None:
    """What the customer sees of an answer."""
    assert answer.status_code == 200, answer.content
    reply = read_reply(signer.account, FOLLOWER, answer.content, {})
    return reply.text if reply else None


def inbound() -> list[Message]:
    return list(Message.objects.filter(direction="in").order_by("id"))


def test_tencents_check_is_answered_and_noted(channel: Channel, base: Client) -> None:
    assert channel.state == "setup"
    answer = base.get(address(Signer(mode=Mode.PLAIN).query(echostr="1616140317555161061")))
    assert (answer.status_code, answer.content) == (200, b"1616140317555161061")
    assert answer["Content-Type"].startswith("text/plain")
    channel.refresh_from_db()
    assert (channel.state, channel.verified_at is not None) == ("active", True)


def test_a_check_with_the_wrong_token_is_refused(channel: Channel, base: Client) -> None:
    answer = base.get(address(Signer(token="other", mode=Mode.PLAIN).query(echostr="1")))
    assert (answer.status_code, answer.content) == (403, b"refused")
    channel.refresh_from_db()
    assert channel.state == "setup"


@pytest.mark.parametrize("app_id", ["wxffffffffffffffff", "nonsense", "wx", "%00", "wx0123456789abcdef%0a"])
def test_an_account_that_nobody_connected_is_unknown(channel: Channel, base: Client, app_id: str) -> None:
    for answer in (base.get(f"/wechat/{app_id}"), base.post(f"/wechat/{app_id}", data=b"x", content_type="text/xml")):
        assert answer.status_code == 404
    assert inbound() == []


def test_a_disconnected_account_is_unknown(channel: Channel, owner: Actor, base: Client) -> None:
    disconnect_channel(actor=owner, channel_id=channel.pk)
    assert post(base, SIGNER, SIGNER.text("x")).status_code == 404


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_other_methods_are_refused(channel: Channel, base: Client, method: str) -> None:
    assert getattr(base, method)(f"/wechat/{APP_ID}").status_code == 405


def test_everything_wrong_gets_one_answer_and_is_counted(channel: Channel, base: Client) -> None:
    query, body = SIGNER.call(SIGNER.text("x"))
    answers = [
        base.post(address({}), data=body, content_type="text/xml"),
        base.post(address({**query, "signature": "0" * 40}), data=body, content_type="text/xml"),
        base.post(address({**query, "msg_signature": "0" * 40}), data=body, content_type="text/xml"),
        base.post(address(query), data=b"\xff\xfe", content_type="text/xml"),
        base.post(address(query), data=b"<xml>", content_type="text/xml"),
        base.post(address(query), data=b"a" * 200_000, content_type="text/xml"),
        post(base, Signer(shift=-7200), SIGNER.text("x")),
        post(base, Signer(mode=Mode.PLAIN), SIGNER.text("x")),
        post(base, SIGNER, "<xml><MsgType>text</MsgType></xml>"),
        post(base, SIGNER, "not xml"),
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(403, b"refused")}
    assert sum(refused_calls(channel).values()) == len(answers)
    assert {"parameters", "signature", "not_utf8", "too_large", "timestamp", "not_encrypted", "fields", "xml"} == set(
        refused_calls(channel)
    )
    assert RefusedCall.objects.get(reason="signature").count == 2
    assert inbound() == []


def test_a_message_is_stored_with_its_person_and_its_window(channel: Channel, base: Client) -> None:
    answer = post(base, SIGNER, SIGNER.text("龙井多少钱一斤？", msg_id=24001))
    assert (answer.status_code, answer.content) == (200, b"success")
    message = Message.objects.get()
    assert (message.kind, message.text, message.dedupe_key) == ("text", "龙井多少钱一斤？", "m:24001")
    identity = Identity.objects.get()
    assert (identity.kind, identity.value) == ("wechat_openid", f"{APP_ID}:{OPENID}")
    conversation = Conversation.objects.get()
    assert (conversation.channel_kind, conversation.channel_id, conversation.identity_id) == (
        "wechat", channel.pk, identity.pk,
    )  # fmt: skip
    window = SendWindow.objects.get()
    assert (window.remaining, window.bot_remaining, window.opened_by) == (5, 3, "message")
    channel.refresh_from_db()
    assert (channel.state, channel.last_sender) == ("active", OPENID)
    with public_scope():
        assert OutboxEvent.objects.filter(kind="message.received").count() == 1


@pytest.mark.parametrize("mode", [Mode.PLAIN, Mode.COMPATIBLE, Mode.ENCRYPTED])
def test_a_passive_answer_in_every_mode(
    channel: Channel, owner: Actor, base: Client, responder: Responder, mode: Mode
) -> None:
    update_channel(actor=owner, channel_id=channel.pk, values={"encryption": mode.value})
    responder.text = "明前龙井每斤 680 元 ]]> 包邮"
    signer = Signer(mode=mode)
    assert shown(post(base, signer, signer.text("多少钱")), signer) == responder.text
    said = Message.objects.get(direction="out")
    assert (said.state, said.sender, said.text) == ("sent", "assistant", responder.text)
    assert SendWindow.objects.get().remaining == 5


def test_a_message_that_is_sent_again_is_stored_once_and_gets_the_same_answer(
    channel: Channel, base: Client, responder: Responder
) -> None:
    responder.text = "每斤 680 元"
    plain = SIGNER.text("多少钱", msg_id=77)
    assert [shown(post(base, SIGNER, plain)) for _ in range(4)] == ["每斤 680 元"] * 4
    assert (len(inbound()), len(responder.asked)) == (1, 1)
    assert Message.objects.filter(direction="out").count() == 1
    with public_scope():
        assert OutboxEvent.objects.filter(kind="message.received").count() == 1


def test_an_event_that_is_sent_again_is_stored_once(channel: Channel, base: Client) -> None:
    plain = SIGNER.event("subscribe", "qrscene_x")
    assert [shown(post(base, SIGNER, plain)) for _ in range(3)] == [None] * 3
    assert len(inbound()) == 1


def test_without_an_assistant_the_worker_is_left_the_answer(channel: Channel, base: Client) -> None:
    from crm.conversations.services import register_passive_responder, responding

    before = responding._responder
    register_passive_responder(None)
    try:
        assert shown(post(base, SIGNER, SIGNER.text("在吗"))) is None
    finally:
        register_passive_responder(before)
    assert inbound()[0].text == "在吗"


def test_an_assistant_that_fails_loses_nothing(channel: Channel, base: Client, responder: Responder) -> None:
    def fail(conversation_id: int, message_id: int, seconds: float) -> Said | None:
        responder.text = "halb fertig"
        responder.say(conversation_id, message_id)
        raise ZeroDivisionError

    responder.instead = fail
    assert shown(post(base, SIGNER, SIGNER.text("在吗"))) is None
    assert [message.text for message in Message.objects.all()] == ["在吗"]


def test_an_answer_that_comes_too_late_is_left_to_the_worker(
    channel: Channel, base: Client, responder: Responder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "LATEST_ANSWER_SECONDS", 0.2)

    def dawdle(conversation_id: int, message_id: int, seconds: float) -> Said | None:
        responder.text = "zu spät"
        time.sleep(0.25)
        return responder.say(conversation_id, message_id)

    responder.instead = dawdle
    assert shown(post(base, SIGNER, SIGNER.text("在吗", msg_id=1))) is None
    assert Message.objects.filter(direction="out").count() == 0
    monkeypatch.setattr(receiving, "LATEST_ANSWER_SECONDS", 4.2)
    responder.instead, responder.text = None, "在的"
    assert shown(post(base, SIGNER, SIGNER.text("在吗", msg_id=1))) is None
    assert shown(post(base, SIGNER, SIGNER.text("在吗", msg_id=2))) == "在的"


@pytest.mark.parametrize(("text", "kind"), [("茶" * 683, "text"), ("", "text"), ("看图", "image")])
def test_an_answer_that_fits_no_passive_reply_is_left_to_the_worker(
    channel: Channel, base: Client, responder: Responder, text: str, kind: str
) -> None:
    responder.text, responder.kind = text, kind
    assert shown(post(base, SIGNER, SIGNER.text("在吗"))) is None
    assert Message.objects.filter(direction="out").count() == 0


def test_a_menu_of_choices_can_be_tapped(channel: Channel, base: Client, responder: Responder) -> None:
    responder.kind, responder.text = "menu", "您想问："
    responder.payload = {"items": [{"id": "1", "text": "有礼盒吗"}, {"id": "2", "text": "怎么退换"}]}
    text = shown(post(base, SIGNER, SIGNER.text("问一下")))
    assert text is not None
    assert text.count("weixin://bizmsgmenu") == 2
    assert ">怎么退换</a>" in text


def test_generated_words_carry_their_label(channel: Channel, base: Client, responder: Responder) -> None:
    responder.text, responder.generated = "可以的", True
    assert shown(post(base, SIGNER, SIGNER.text("能开发票吗"))) == "可以的\n（AI 生成）"


def test_above_the_limit_the_passive_answer_is_skipped(
    channel: Channel, base: Client, responder: Responder, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    full = threading.BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr(receiving, "IN_FLIGHT", full)
    responder.text = "在的"
    assert shown(post(base, SIGNER, SIGNER.text("在吗", msg_id=1))) is None
    assert (responder.asked, len(inbound())) == ([], 1)
    full.release()
    assert shown(post(base, SIGNER, SIGNER.text("在吗", msg_id=2))) == "在的"
    assert full.acquire(blocking=False)


def test_the_assistant_is_not_asked_while_a_person_has_the_word(
    channel: Channel, base: Client, responder: Responder, owner: Actor
) -> None:
    responder.text = "在的"
    assert shown(post(base, SIGNER, SIGNER.text("在吗", msg_id=1))) == "在的"
    take_over(actor=owner, conversation_id=Conversation.objects.get().pk)
    assert shown(post(base, SIGNER, SIGNER.text("您好", msg_id=2))) is None
    assert len(responder.asked) == 1


def test_the_budget_is_longer_where_there_is_no_other_way(channel: Channel, base: Client, responder: Responder) -> None:
    responder.text = "在的"
    post(base, SIGNER, SIGNER.text("在吗", msg_id=1))
    switch_capability(channel_id=channel.pk, name="customer_service", allowed=False)
    post(base, SIGNER, SIGNER.text("在吗", msg_id=2))
    assert responder.seconds[0] <= 1.5 < responder.seconds[1] <= 3.5


def test_a_follower_by_a_code_is_known_to_come_from_there(channel: Channel, base: Client) -> None:
    code = QrCode.objects.create(
        channel=channel, scene="fair2026", label="春茶展", ticket="t", url="u", created_at=clock.now()
    )
    post(base, SIGNER, SIGNER.event("subscribe", "qrscene_fair2026", created_at=int(time.time())))
    post(base, SIGNER, SIGNER.event("SCAN", "fair2026", created_at=int(time.time()) + 1))
    post(base, SIGNER, SIGNER.event("SCAN", "of-another-time", created_at=int(time.time()) + 2))
    code.refresh_from_db()
    assert (code.scans, code.follows) == (2, 1)
    kept = Conversation.objects.get().attribution
    first = kept.get("first", kept)
    assert (first["scene"], first["label"], first["qr_code_id"]) == ("fair2026", "春茶展", code.pk)
    assert kept["last"]["scene"] == "of-another-time"
    window = SendWindow.objects.get()
    assert (window.remaining, window.opened_by) == (3, "scan")


def test_who_leaves_closes_the_window(channel: Channel, base: Client, responder: Responder) -> None:
    responder.text = "再见"
    post(base, SIGNER, SIGNER.text("在吗"))
    assert shown(post(base, SIGNER, SIGNER.event("unsubscribe"))) is None
    assert SendWindow.objects.get().closed_reason == "unsubscribed"


def test_reports_of_tencents_own_work_are_no_talk(channel: Channel, base: Client) -> None:
    assert shown(post(base, SIGNER, SIGNER.event("TEMPLATESENDJOBFINISH"))) is None
    assert shown(post(base, SIGNER, SIGNER.event("MASSSENDJOBFINISH"))) is None
    assert Message.objects.count() == 0


def test_the_path_chooses_the_tenant_and_no_other_sees_it(channel: Channel, base: Client, beta: TenantRef) -> None:
    from guanxi.tenancy import tenant_scope

    post(base, SIGNER, SIGNER.text("给甲的"))
    assert Message.objects.count() == 1
    with tenant_scope(beta):
        assert Message.objects.count() == 0
        assert Channel.objects.count() == 0


def test_a_rollback_of_the_store_answers_an_error_so_that_tencent_sends_again(
    channel: Channel, base: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(receiving, "receive_message", fail)
    assert post(base, SIGNER, SIGNER.text("在吗")).status_code == 503
