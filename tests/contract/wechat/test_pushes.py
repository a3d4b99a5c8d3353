"""What the fake pushes to an account's server, and how strictly it reads the answer."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import requests
from aiohttp import web

from tests.contract.wechat.callback import OwnServer, Pushed
from tests.fakes.running import ThreadedFake
from tests.fakes.wechat import WeChatControl, crypto
from tests.fakes.wechat.fake import make_app
from tests.fakes.wechat.passive import NOTICE
from tests.fakes.wechat.tencent import Tencent

Json = dict[str, Any]


def opened(account: Json, pushed: Pushed) -> ET.Element:
    """Check a push as its receiver must, and open it."""
    query, tree = pushed.query, ET.fromstring(pushed.body)
    assert query["signature"] == crypto.sign(account["token"], query["timestamp"], query["nonce"])
    sealed = tree.find("Encrypt")
    if sealed is None:
        assert "msg_signature" not in query
        return tree
    text = sealed.text or ""
    assert query["encrypt_type"] == "aes"
    assert query["msg_signature"] == crypto.sign(account["token"], query["timestamp"], query["nonce"], text)
    return ET.fromstring(crypto.decrypt(account["aes_key"], account["app_id"], text))


def fields(tree: ET.Element) -> dict[str, str]:
    return {child.tag: child.text or "" for child in tree}


def reply_xml(account: Json, openid: str, content: str, **changes: str) -> str:
    values = {
        "ToUserName": openid,
        "FromUserName": account["original_id"],
        "CreateTime": str(int(time.time())),
        "MsgType": "text",
        "Content": content,
        **changes,
    }
    return "<xml>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in values.items() if v != "-") + "</xml>"


def sealed_reply(account: Json, plain: str, *, token: str = "") -> str:
    stamp, nonce = str(int(time.time())), "nonce"
    text = crypto.encrypt(account["aes_key"], account["app_id"], plain)
    signature = crypto.sign(token or account["token"], stamp, nonce, text)
    return (
        f"<xml><Encrypt><![CDATA[{text}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{stamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    )


def xml(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/xml")


def test_only_a_server_that_answers_echostr_is_enabled(control: WeChatControl, own: OwnServer) -> None:
    account = control.create_account(callback_url=own.callback_url)
    phone = control.phone(account["app_id"], subscribed=True)
    own.echo = False
    assert not control.enable(account["app_id"])
    assert phone.write("有人吗") == []
    assert own.inbox.pushes == []
    assert phone.screen()[-1]["state"] == "not pushed"
    own.echo = True
    assert control.enable(account["app_id"])
    query = own.inbox.checks[-1].query
    assert query["signature"] == crypto.sign(account["token"], query["timestamp"], query["nonce"])
    assert phone.write("有人吗")[0]["outcome"] == "silent"


@pytest.mark.parametrize("mode", ["plain", "compatible", "encrypted"])
def test_a_message_arrives_in_the_accounts_mode(
    control: WeChatControl, own: OwnServer, account: Json, mode: str
) -> None:
    control.change_account(account["app_id"], mode=mode)
    phone = control.phone(account["app_id"], subscribed=True)
    phone.write("龙井 ]]> <b>多少钱</b> & 包邮吗")
    pushed = own.inbox.pushes[-1]
    outside, inside = fields(ET.fromstring(pushed.body)), fields(opened(account, pushed))
    assert inside["Content"] == "龙井 ]]> <b>多少钱</b> & 包邮吗"
    assert inside["ToUserName"] == account["original_id"]
    assert inside["FromUserName"] == phone.openid == pushed.query["openid"]
    assert inside["MsgId"].isdigit()
    assert ("Content" in outside) is (mode != "encrypted")
    assert ("Encrypt" in outside) is (mode != "plain")


def test_every_kind_of_message_and_event(control: WeChatControl, own: OwnServer, account: Json) -> None:
    phone = control.phone(account["app_id"])
    phone.follow(scene="fair2026")
    phone.write("你好")
    phone.do("image")
    phone.do("voice", seconds=2, recognition="龙井多少钱")
    phone.do("location", label="杭州")
    phone.do("link", title="茶", url="https://example.com/a?b=1&c=2")
    phone.do("scan", scene="shop7")
    phone.do("unfollow")
    got = [fields(opened(account, pushed)) for pushed in own.inbox.pushes]
    assert [each["MsgType"] for each in got] == [
        "event", "text", "image", "voice", "location", "link", "event", "event",
    ]  # fmt: skip
    assert (got[0]["Event"], got[0]["EventKey"]) == ("subscribe", "qrscene_fair2026")
    picture = requests.get(got[2]["PicUrl"], timeout=10)
    assert picture.content.startswith(b"\x89PNG")
    assert (got[3]["Format"], got[3]["Recognition"]) == ("amr", "龙井多少钱")
    assert got[4]["Label"] == "杭州"
    assert float(got[4]["Location_X"]) == pytest.approx(30.221)
    assert got[5]["Url"] == "https://example.com/a?b=1&c=2"
    assert (got[6]["Event"], got[6]["EventKey"]) == ("SCAN", "shop7")
    assert got[7]["Event"] == "unsubscribe"
    ids = [each["MsgId"] for each in got if "MsgId" in each]
    assert len(set(ids)) == 5


def test_a_silent_server_is_asked_three_times_with_the_same_id(
    control: WeChatControl, own: OwnServer, account: Json
) -> None:
    control.settings(callback_timeout=0.3)
    phone = control.phone(account["app_id"], subscribed=True)

    async def sleep(pushed: Pushed) -> web.Response:
        await asyncio.sleep(1)
        return web.Response(text="success")

    own.answer = sleep
    deliveries = phone.write("在吗")
    assert [(each["attempt"], each["outcome"]) for each in deliveries] == [
        (1, "timeout"),
        (2, "timeout"),
        (3, "timeout"),
    ]
    got = [fields(opened(account, pushed)) for pushed in own.inbox.pushes]
    assert len({each["MsgId"] for each in got}) == 1
    assert len({each["CreateTime"] for each in got}) == 1
    assert len({pushed.query["nonce"] for pushed in own.inbox.pushes}) == 3
    assert phone.notices() == [NOTICE]


def test_the_second_attempt_may_answer(control: WeChatControl, own: OwnServer, account: Json) -> None:
    phone = control.phone(account["app_id"], subscribed=True)
    answers = iter([web.Response(status=500), xml(sealed_reply(account, reply_xml(account, phone.openid, "在的")))])
    own.answer = lambda pushed: next(answers)
    deliveries = phone.write("在吗")
    assert [each["outcome"] for each in deliveries] == ["HTTP 500", "reply"]
    assert [each["text"] for each in phone.answers()] == ["在的"]
    assert phone.notices() == []


def test_an_unreachable_server_shows_the_notice(control: WeChatControl, own: OwnServer, account: Json) -> None:
    phone = control.phone(account["app_id"], subscribed=True)
    control.change_account(account["app_id"], callback_url="http://127.0.0.1:9/callback")
    assert [each["outcome"].split(":")[0] for each in phone.write("在吗")] == ["unreachable"] * 3
    assert phone.notices() == [NOTICE]


MALFORMED = {
    "json": '{"ok": true}',
    "wrong person": "to",
    "wrong account": "from",
    "no content": "empty",
    "too long": "long",
    "unknown kind": "kind",
    "no time": "time",
    "not closed": "<xml><ToUserName>",
    "wrong root": "<html></html>",
    "entities": "<!DOCTYPE x [<!ENTITY a 'b'>]><xml>&a;</xml>",
    "unknown media": "media",
}


@pytest.mark.parametrize("case", MALFORMED, ids=str)
@pytest.mark.parametrize("mode", ["plain", "encrypted"])
def test_a_malformed_reply_shows_the_notice(
    control: WeChatControl, own: OwnServer, account: Json, case: str, mode: str
) -> None:
    control.change_account(account["app_id"], mode=mode)
    phone = control.phone(account["app_id"], subscribed=True)
    made = {
        "to": reply_xml(account, "oSomebodyElse", "x"),
        "from": reply_xml(account, phone.openid, "x", FromUserName="gh_other"),
        "empty": reply_xml(account, phone.openid, "  "),
        "long": reply_xml(account, phone.openid, "茶" * 683),
        "kind": reply_xml(account, phone.openid, "x", MsgType="hologram"),
        "time": reply_xml(account, phone.openid, "x", CreateTime="now"),
        "media": reply_xml(account, phone.openid, "-", MsgType="image").replace(
            "</xml>", "<Image><MediaId>nope</MediaId></Image></xml>"
        ),
    }
    plain = made.get(MALFORMED[case], MALFORMED[case])
    own.answer = lambda pushed: xml(sealed_reply(account, plain) if mode == "encrypted" else plain)
    deliveries = phone.write("在吗")
    assert len(deliveries) == 1
    assert deliveries[0]["outcome"].startswith("malformed")
    assert phone.notices() == [NOTICE]
    assert phone.answers() == []


def test_an_encrypted_account_must_answer_encrypted_and_signed(
    control: WeChatControl, own: OwnServer, account: Json
) -> None:
    phone = control.phone(account["app_id"], subscribed=True)
    plain = reply_xml(account, phone.openid, "好")
    own.answer = lambda pushed: xml(plain)
    assert phone.write("一")[0]["outcome"].startswith("malformed: an account in encrypted mode")
    own.answer = lambda pushed: xml(sealed_reply(account, plain, token="wrong"))
    assert phone.write("二")[0]["outcome"] == "malformed: MsgSignature is wrong"
    own.answer = lambda pushed: xml(sealed_reply(account, plain))
    assert phone.write("三")[0]["outcome"] == "reply"
    assert [each["text"] for each in phone.answers()] == ["好"]


def test_the_longest_text_that_is_allowed_arrives_whole(control: WeChatControl, own: OwnServer, account: Json) -> None:
    phone = control.phone(account["app_id"], subscribed=True)
    text = "茶" * 682 + "ab"
    own.answer = lambda pushed: xml(sealed_reply(account, reply_xml(account, phone.openid, text)))
    assert phone.write("长")[0]["outcome"] == "reply"
    assert phone.answers()[-1]["text"] == text


def test_a_person_who_does_not_follow_cannot_write(control: WeChatControl, own: OwnServer, account: Json) -> None:
    phone = control.phone(account["app_id"])
    with pytest.raises(AssertionError, match="43004"):
        phone.write("在吗")
    assert own.inbox.pushes == []


def test_the_control_api_is_for_this_machine_only() -> None:
    outside = own_address()
    if outside.startswith("127."):
        pytest.skip("this machine has no address but its own")
    with ThreadedFake(make_app(Tencent()), host="0.0.0.0") as fake:
        assert requests.get(f"http://127.0.0.1:{fake.port}/_control/accounts", timeout=5).status_code == 200
        assert requests.get(f"http://{outside}:{fake.port}/_control/accounts", timeout=5).status_code == 403


def own_address() -> str:
    """The address that this machine would call others from; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
