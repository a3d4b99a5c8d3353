"""The channel against Tencent over real HTTP in both directions: signed, encrypted pushes in, API calls out."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from celery import current_app

from bots.channels.models import Channel, QrCode
from bots.channels.services import check_channel, update_channel
from bots.channels.wechat import receiving
from bots.channels.wechat.codes import create_qr_code, send_test_message
from bots.channels.wechat.menus import publish_menu, read_menu
from crm.conversations.models import Conversation, Message
from crm.conversations.services import deliver_message, send_member_message
from crm.conversations.types import Said
from crm.outreach.models import SendWindow
from guanxi.access import Actor
from guanxi.common.errors import Conflict, Invalid
from guanxi.files.selectors import files_by_id, open_file
from tests.bots.channels.wechat.conftest import Responder
from tests.bots.channels.wechat.signing import APP_ID
from tests.fakes.wechat import WeChatControl
from tests.fakes.wechat.client import Phone
from tests.fakes.wechat.passive import NOTICE
from tests.fakes.wechat.people import sample_image

pytestmark = pytest.mark.committed


@pytest.fixture(autouse=True)
def tasks_at_once() -> Iterator[None]:
    """Run what goes to the workers in this process; real workers are tested elsewhere."""
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = False


@pytest.fixture
def phone(connected: Channel, control: WeChatControl) -> Phone:
    """A follower's phone."""
    return control.phone(APP_ID, subscribed=True)


def outcomes(deliveries: list[dict[str, Any]]) -> list[str]:
    return [each["outcome"] for each in deliveries]


def test_connecting_step_by_step(
    server: str, channel: Channel, account: dict[str, Any], control: WeChatControl, owner: Actor
) -> None:
    control.change_account(APP_ID, callback_url=f"{server}/wechat/{APP_ID}")
    names = {step.name: step.state for step in check_channel(actor=owner, channel_id=channel.pk)}
    assert names == {"credentials": "done", "callback": "waiting", "first_message": "waiting", "abilities": "done"}
    assert control.enable(APP_ID)
    control.phone(APP_ID).follow()
    steps = check_channel(actor=owner, channel_id=channel.pk)
    assert {step.state for step in steps} == {"done"}
    channel.refresh_from_db()
    assert (channel.state, channel.health, set(channel.capabilities.values())) == ("active", "ok", {True})


def test_tencent_does_not_enable_a_wrong_token(
    server: str, channel: Channel, account: dict[str, Any], control: WeChatControl
) -> None:
    control.change_account(APP_ID, callback_url=f"{server}/wechat/{APP_ID}", token="another")
    assert not control.enable(APP_ID)
    control.change_account(APP_ID, callback_url=f"{server}/wechat/wxffffffffffffffff")
    assert not control.enable(APP_ID)


@pytest.mark.parametrize("mode", ["plain", "compatible", "encrypted"])
def test_a_question_is_answered_at_once_in_every_mode(
    connected: Channel, control: WeChatControl, responder: Responder, owner: Actor, mode: str
) -> None:
    control.change_account(APP_ID, mode=mode)
    update_channel(actor=owner, channel_id=connected.pk, values={"encryption": mode})
    phone = control.phone(APP_ID, subscribed=True)
    responder.text = "每斤 680 元 ]]> & 包邮"
    deliveries = phone.write("龙井\x1d多少钱 ]]> <b>")
    assert outcomes(deliveries) == ["reply"]
    assert [each["text"] for each in phone.answers()] == ["每斤 680 元 ]]> & 包邮"]
    assert Message.objects.get(direction="in").text == "龙井多少钱 ]]> <b>"


def test_a_slow_first_attempt_and_its_repeats_give_one_answer(
    phone: Phone, control: WeChatControl, responder: Responder
) -> None:
    """Tencent sends again while the first attempt is still at work; the repeat waits and gets its answer."""
    control.settings(callback_timeout=0.6)
    responder.text = "让您久等了"

    def slowly(conversation_id: int, message_id: int, seconds: float) -> Said | None:
        time.sleep(0.9)
        return responder.say(conversation_id, message_id)

    responder.instead = slowly
    deliveries = phone.write("在吗")
    assert outcomes(deliveries)[0] == "timeout"
    assert outcomes(deliveries)[-1] == "reply"
    assert [each["text"] for each in phone.answers()] == ["让您久等了"]
    assert (len(responder.asked), Message.objects.filter(direction="in").count()) == (1, 1)
    assert phone.notices() == []


def test_four_pushes_at_the_same_time_store_one_message(phone: Phone, responder: Responder, server: str) -> None:
    from tests.bots.channels.wechat.signing import Signer, address

    responder.text = "在的"
    plain = Signer().text("在吗", msg_id=4711, openid=phone.openid)

    def push(_: int) -> int:
        query, body = Signer().call(plain)
        answer = requests.post(server + address(query), data=body, timeout=20)
        return len(answer.text)

    with ThreadPoolExecutor(4) as pool:
        lengths = list(pool.map(push, range(4)))
    assert all(length > 100 for length in lengths), "each got the reply"
    assert Message.objects.filter(direction="in").count() == Message.objects.filter(direction="out").count() == 1


def test_many_people_at_once_lose_nothing(
    connected: Channel, control: WeChatControl, responder: Responder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "IN_FLIGHT", threading.BoundedSemaphore(2))
    responder.text = "在的"
    phones = [control.phone(APP_ID, f"客户{number}", subscribed=True) for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda phone: outcomes(phone.write("在吗")), phones))
    assert {each[-1] for each in found} <= {"reply", "silent"}
    assert Message.objects.filter(direction="in").count() == 12
    assert Conversation.objects.count() == 12


def test_a_server_that_fails_once_gets_the_message_again(
    phone: Phone, responder: Responder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm.conversations.services import receive_message as real

    failing = [True]

    def once(**given: Any) -> Any:
        if failing:
            failing.clear()
            raise RuntimeError("the database is away")
        return real(**given)

    monkeypatch.setattr(receiving, "receive_message", once)
    responder.text = "在的"
    assert outcomes(phone.write("在吗")) == ["HTTP 503", "reply"]
    assert phone.notices() == []


def test_with_the_wrong_key_the_customer_sees_the_notice_and_the_owner_the_count(
    phone: Phone, control: WeChatControl, connected: Channel, owner: Actor
) -> None:
    control.change_account(APP_ID, aes_key="B" * 43)
    assert {each.split()[0] for each in outcomes(phone.write("在吗"))} == {"HTTP"}
    assert phone.notices() == [NOTICE]
    assert connected.refused_calls.get().reason == "decryption"
    assert connected.refused_calls.get().count == 3


def test_pictures_and_voices_are_fetched_and_kept(phone: Phone, owner: Actor) -> None:
    phone.do("image")
    phone.do("voice", recognition="龙井多少钱")
    picture, voice = Message.objects.filter(direction="in").order_by("id")
    assert (picture.kind, voice.kind, voice.text) == ("image", "voice", "龙井多少钱")
    assert picture.file_id
    assert voice.file_id
    kept = files_by_id([picture.file_id, voice.file_id])
    assert kept[picture.file_id].content_type == "image/png"
    assert kept[voice.file_id].content_type == "audio/amr"
    with open_file(owner, picture.file_id).stream as stream:
        assert stream.read(8) == sample_image()[:8]


def test_a_picture_that_tencent_no_longer_has_leaves_its_message(phone: Phone, control: WeChatControl) -> None:
    control.fault("errcode", endpoint="media/get", errcode=40007)
    phone.do("image")
    message = Message.objects.get(direction="in")
    assert (message.file_id, message.error) == (None, "media_gone")


def test_other_kinds_and_events_arrive(phone: Phone) -> None:
    phone.do("location", label="杭州市西湖区")
    phone.do("link", title="茶", url="https://example.com/?a=1&b=2")
    phone.do("raw", xml=_sticker(phone))
    kinds = list(Message.objects.filter(direction="in").order_by("id").values_list("kind", "text"))
    assert kinds == [("location", "杭州市西湖区"), ("link", "茶"), ("unsupported", "")]


def _sticker(phone: Phone) -> str:
    from tests.bots.channels.wechat.signing import Signer

    return Signer().plain("hologram", [("MsgId", 99)], openid=phone.openid)


def test_a_code_made_here_tells_where_a_follower_came_from(
    connected: Channel, control: WeChatControl, owner: Actor
) -> None:
    code = create_qr_code(actor=owner, channel_id=connected.pk, label="春茶展 A12", days=7)
    newcomer = control.phone(APP_ID, "新客")
    newcomer.do("scan", ticket=code.ticket)
    newcomer.do("scan", ticket=code.ticket)
    attribution = Conversation.objects.get().attribution
    assert attribution.get("first", attribution)["label"] == "春茶展 A12"
    code = QrCode.objects.get()
    assert (code.scans, code.follows, code.permanent) == (2, 1, False)


def test_an_account_without_codes_says_so(connected: Channel, control: WeChatControl, owner: Actor) -> None:
    control.change_account(APP_ID, kind="verified_subscription")
    with pytest.raises(Conflict) as refused:
        create_qr_code(actor=owner, channel_id=connected.pk, label="x")
    assert refused.value.code == "wechat_not_allowed"
    connected.refresh_from_db()
    assert connected.capabilities["qr"] is False
    with pytest.raises(Conflict):
        create_qr_code(actor=owner, channel_id=connected.pk, label="x")
    assert len(control.calls(APP_ID, "qrcode/create")) == 1


def test_the_menu_is_published_pressed_and_taken_away(
    connected: Channel, control: WeChatControl, owner: Actor, responder: Responder
) -> None:
    assert read_menu(actor=owner, channel_id=connected.pk) == []
    wanted: list[dict[str, Any]] = [
        {"name": "价目表", "type": "click", "key": "PRICES"},
        {"name": "更多", "buttons": [{"name": "官网", "type": "view", "url": "https://example.com"}]},
    ]
    published = publish_menu(actor=owner, channel_id=connected.pk, buttons=wanted)
    assert read_menu(actor=owner, channel_id=connected.pk) == published
    responder.text = "价目如下"
    phone = control.phone(APP_ID, subscribed=True)
    assert outcomes(phone.do("click", name="价目表")) == ["reply"]
    assert Message.objects.get(direction="in").payload == {"event": "click", "key": "PRICES"}
    assert SendWindow.objects.get().remaining == phone.state()["remaining"] == 3
    with pytest.raises(Invalid):
        publish_menu(actor=owner, channel_id=connected.pk, buttons=[{"name": "五个汉字的名"}])
    publish_menu(actor=owner, channel_id=connected.pk, buttons=[])
    assert read_menu(actor=owner, channel_id=connected.pk) == []


def test_a_test_message_goes_to_whoever_wrote_last(connected: Channel, control: WeChatControl, owner: Actor) -> None:
    with pytest.raises(Conflict) as nobody:
        send_test_message(actor=owner, channel_id=connected.pk, text="试一下")
    assert nobody.value.code == "nobody_wrote"
    phone = control.phone(APP_ID, subscribed=True)
    phone.write("在吗")
    assert send_test_message(actor=owner, channel_id=connected.pk, text="试一下") == phone.openid
    assert phone.answers()[-1]["text"] == "试一下"
    control.advance(49 * 3600)
    with pytest.raises(Conflict) as closed:
        send_test_message(actor=owner, channel_id=connected.pk, text="试一下")
    assert closed.value.code == "wechat_window_closed"


def test_our_ledger_and_tencents_agree_over_a_whole_talk(phone: Phone, owner: Actor, responder: Responder) -> None:
    def ours() -> int:
        return SendWindow.objects.get().remaining

    phone.write("在吗")
    conversation = Conversation.objects.get()
    assert ours() == phone.state()["remaining"] == 5
    for number in range(3):
        message = send_member_message(actor=owner, conversation_id=conversation.pk, text=f"第{number}条")
        assert deliver_message(message_id=message.pk) is None
    assert ours() == phone.state()["remaining"] == 2
    phone.do("scan", scene="x")
    assert ours() <= phone.state()["remaining"], "ours is the more careful one"
    phone.write("还在吗")
    assert ours() == phone.state()["remaining"] == 5


def test_a_check_tells_what_is_wrong(connected: Channel, control: WeChatControl, owner: Actor) -> None:
    control.change_account(APP_ID, allowed_ips=["203.0.113.7"])
    step = check_channel(actor=owner, channel_id=connected.pk)[0]
    assert (step.name, step.state, step.code) == ("credentials", "failed", "address_not_allowed")
    assert "127.0.0.1" in step.params["hint"]
    connected.refresh_from_db()
    assert (connected.health, connected.fault) == ("error", "address_not_allowed")
    control.change_account(APP_ID, allowed_ips=[], kind="unverified")
    steps = {each.name: each for each in check_channel(actor=owner, channel_id=connected.pk)}
    assert steps["abilities"].code == "passive_only"
    assert "customer_service" in steps["abilities"].params["missing"]
