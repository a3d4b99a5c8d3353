"""What goes out: the right message to the right person, the ledger kept right, and each refusal told plainly."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from bots.channels.models import Channel
from bots.channels.services import disconnect_channel
from bots.channels.wechat import sender as sender_module
from crm.conversations.models import Conversation, Message
from crm.conversations.services import deliver_message, send_bot_message, send_member_message
from crm.outreach.models import SendWindow, Touch
from crm.outreach.selectors import window_state
from crm.outreach.types import SendRefused
from guanxi.access import Actor
from guanxi.events.models import OutboxEvent
from guanxi.files.services import store_file
from guanxi.tenancy import public_scope
from tests.bots.channels.wechat.signing import APP_ID, Signer, post
from tests.fakes.wechat import WeChatControl
from tests.fakes.wechat.client import Phone
from tests.fakes.wechat.people import sample_image, sample_voice


@pytest.fixture
def phone(control: WeChatControl, account: Any) -> Phone:
    """Somebody at Tencent who has written."""
    made = control.phone(APP_ID, subscribed=True)
    made.write("在吗")
    return made


@pytest.fixture
def conversation(channel: Channel, phone: Phone) -> Conversation:
    """The talk with that somebody, in our own books too."""
    answer = post(Client(SERVER_NAME="127.0.0.1"), Signer(), Signer().text("在吗", openid=phone.openid))
    assert answer.status_code == 200
    return Conversation.objects.get()


def say(conversation: Conversation, text: str, **more: Any) -> Message:
    message = send_bot_message(conversation_id=conversation.pk, key=f"b:{text[:40]}", text=text, **more)
    assert message is not None
    return message


def deliver(message: Message) -> float | None:
    again = deliver_message(message_id=message.pk)
    message.refresh_from_db()
    return again


def test_a_text_arrives(conversation: Conversation, phone: Phone, owner: Actor) -> None:
    message = send_member_message(actor=owner, conversation_id=conversation.pk, text="您好，我是小王")
    assert deliver(message) is None
    assert message.state == "sent"
    shown = phone.answers()[-1]
    assert (shown["text"], shown["via"]) == ("您好，我是小王", "service")
    assert SendWindow.objects.get().remaining == phone.state()["remaining"] == 4
    assert Touch.objects.get().outcome == "sent"


def test_a_delivered_message_is_not_delivered_again(conversation: Conversation, phone: Phone) -> None:
    message = say(conversation, "一次")
    deliver(message)
    deliver(message)
    Message.objects.filter(pk=message.pk).update(state="pending", leased_until=None)
    deliver(message)
    assert [each["text"] for each in phone.answers()] == ["一次"]


def test_generated_words_carry_their_label(conversation: Conversation, phone: Phone) -> None:
    deliver(say(conversation, "可以的", generated=True))
    assert phone.answers()[-1]["text"] == "可以的\n（AI 生成）"


def test_a_menu_can_be_tapped(conversation: Conversation, phone: Phone) -> None:
    items = [{"id": "1", "text": "有礼盒吗"}, {"id": "2", "text": "怎么退换"}]
    deliver(say(conversation, "您想问：", kind="menu", payload={"items": items, "tail": "点一下"}))
    shown = phone.answers()[-1]
    assert (shown["kind"], shown["text"]) == ("msgmenu", "您想问：")
    assert [each["content"] for each in shown["detail"]["items"]] == ["有礼盒吗", "怎么退换"]


@pytest.mark.parametrize(
    ("name", "content", "kind"), [("茶.png", sample_image(), "image"), ("语音.amr", sample_voice(1), "voice")]
)
def test_a_picture_or_a_voice_arrives(
    conversation: Conversation, phone: Phone, owner: Actor, name: str, content: bytes, kind: str
) -> None:
    stored = store_file(actor=owner, name=name, content=content, purpose="attachment")
    message = send_member_message(actor=owner, conversation_id=conversation.pk, kind="image", file_id=stored.pk)
    assert deliver(message) is None
    assert (message.state, phone.answers()[-1]["kind"]) == ("sent", kind)


def test_a_file_that_wechat_does_not_take_is_told(conversation: Conversation, phone: Phone, owner: Actor) -> None:
    stored = store_file(actor=owner, name="价目.txt", content="龙井 680".encode(), purpose="attachment")
    message = send_member_message(actor=owner, conversation_id=conversation.pk, kind="file", file_id=stored.pk)
    assert deliver(message) is None
    assert (message.state, message.error) == ("failed", "file_kind_refused")
    assert phone.answers() == []


def test_a_long_text_goes_in_parts_and_each_part_counts(conversation: Conversation, phone: Phone, owner: Actor) -> None:
    text = "\n".join(f"第{number}条：春茶预订须知与退换货说明。" for number in range(60))
    message = send_member_message(actor=owner, conversation_id=conversation.pk, text=text)
    assert deliver(message) is None
    parts = [each["text"] for each in phone.answers()]
    assert len(parts) == 2
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert SendWindow.objects.get().remaining == phone.state()["remaining"] == 3


def test_a_text_without_room_for_its_parts_is_kept_and_told(
    conversation: Conversation, phone: Phone, owner: Actor
) -> None:
    SendWindow.objects.update(remaining=1)
    message = send_member_message(actor=owner, conversation_id=conversation.pk, text="茶叶。" * 500)
    assert deliver(message) is None
    assert (message.state, message.error) == ("failed", "text_too_long")
    assert phone.answers() == []


def test_a_worker_that_dies_between_parts_does_not_make_the_next_repeat_them(
    conversation: Conversation, phone: Phone, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "\n".join(f"第{number}条：春茶预订须知与退换货说明。" for number in range(60))
    message = send_member_message(actor=owner, conversation_id=conversation.pk, text=text)
    taken = sender_module._take_another

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sender_module, "_take_another", die)
    with pytest.raises(KeyboardInterrupt):
        deliver_message(message_id=message.pk)
    assert len(phone.answers()) == 1
    monkeypatch.setattr(sender_module, "_take_another", taken)
    Message.objects.filter(pk=message.pk).update(leased_until=None)
    assert deliver(message) is None
    parts = [each["text"] for each in phone.answers()]
    assert len(parts) == 2
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_the_assistant_leaves_two_to_people(conversation: Conversation, phone: Phone, owner: Actor) -> None:
    for number in range(3):
        deliver(say(conversation, f"答{number}"))
    with pytest.raises(SendRefused):
        say(conversation, "答4")
    for number in range(2):
        assert deliver(send_member_message(actor=owner, conversation_id=conversation.pk, text=f"人{number}")) is None
    with pytest.raises(SendRefused) as refused:
        send_member_message(actor=owner, conversation_id=conversation.pk, text="人3")
    assert refused.value.code == "quota_used_up"
    assert len(phone.answers()) == 5


@pytest.mark.parametrize(("errcode", "code"), [(45015, "window_closed"), (45047, "quota_used_up")])
def test_tencents_word_on_the_window_is_believed(
    conversation: Conversation, control: WeChatControl, channel: Channel, errcode: int, code: str
) -> None:
    message = say(conversation, "在")
    control.fault("errcode", endpoint="message/custom/send", errcode=errcode)
    assert deliver(message) is None
    assert (message.state, message.error) == ("failed", code)
    state = window_state(channel_id=channel.pk, channel_kind="wechat", identity_id=conversation.identity_id)
    assert (state.open, state.reason) == (False, code)
    post(Client(SERVER_NAME="127.0.0.1"), Signer(), Signer().text("又来了", msg_id=9, openid=_openid(conversation)))
    state = window_state(channel_id=channel.pk, channel_kind="wechat", identity_id=conversation.identity_id)
    assert (state.open, state.remaining) == (True, 5)


def _openid(conversation: Conversation) -> str:
    value: str = conversation.identity.value
    return value.partition(":")[2]


def test_what_the_account_may_not_do_is_switched_off(
    conversation: Conversation, control: WeChatControl, channel: Channel
) -> None:
    control.change_account(APP_ID, kind="unverified")
    message = say(conversation, "在")
    assert deliver(message) is None
    assert (message.state, message.error) == ("failed", "not_allowed")
    channel.refresh_from_db()
    assert (channel.capabilities["customer_service"], channel.health, channel.fault) == (
        False,
        "warning",
        "not_allowed",
    )
    before = len(control.calls(APP_ID, "message/custom/send"))
    again = say(conversation, "在吗")
    assert deliver(again) is None
    assert again.error == "not_allowed"
    assert len(control.calls(APP_ID, "message/custom/send")) == before


@pytest.mark.parametrize(
    ("errcode", "code", "health"),
    [(40164, "address_not_allowed", "error"), (45009, "daily_quota", "warning"), (40125, "credentials", "error")],
)
def test_what_concerns_the_whole_channel_is_noted_and_told_once(
    conversation: Conversation, control: WeChatControl, channel: Channel, errcode: int, code: str, health: str
) -> None:
    message = say(conversation, "在")
    for _ in range(2):
        control.fault("errcode", endpoint="message/custom/send", errcode=errcode)
        assert (deliver(message) or 0) > 0
        assert message.state == "pending"
    channel.refresh_from_db()
    assert (channel.health, channel.fault) == (health, code)
    with public_scope():
        assert OutboxEvent.objects.filter(kind="channel.health_changed", data__fault=code).count() == 1
    Message.objects.filter(pk=message.pk).update(leased_until=None)
    assert deliver(message) is None
    channel.refresh_from_db()
    assert (message.state, channel.health, channel.fault) == ("sent", "ok", "")


@pytest.mark.parametrize("change", [{"blocked": True}, {"subscribed": False}])
def test_who_cannot_be_reached(
    conversation: Conversation, control: WeChatControl, change: dict[str, Any], phone: Phone
) -> None:
    control.call("POST", f"accounts/{APP_ID}/followers", {"nickname": "林晓雨", **change})
    message = say(conversation, "在")
    assert deliver(message) is None
    assert (message.state, message.error) == ("failed", "unreachable" if "blocked" in change else "window_closed")


def test_a_message_that_may_have_arrived_waits_for_a_person(
    conversation: Conversation, control: WeChatControl, phone: Phone
) -> None:
    control.fault("commit_then_drop", endpoint="message/custom/send")
    message = say(conversation, "到了吗")
    assert deliver(message) is None
    assert (message.state, message.error) == ("failed", "outcome_unknown")
    assert len(phone.answers()) == 1


def test_a_disconnected_channel_sends_nothing(
    conversation: Conversation, channel: Channel, owner: Actor, phone: Phone
) -> None:
    message = say(conversation, "在")
    disconnect_channel(actor=owner, channel_id=channel.pk)
    assert deliver(message) is None
    assert (message.state, message.error) == ("failed", "channel_disconnected")
    assert phone.answers() == []
