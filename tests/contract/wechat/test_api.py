"""The fake's API refuses what Tencent refuses: tokens, windows, quotas, media, menus, codes, templates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.contract.wechat.conftest import Api
from tests.fakes.wechat import FakeWeChat, WeChatControl
from tests.fakes.wechat.people import sample_image, sample_voice

Json = dict[str, Any]
ApiOf = Callable[[Json], Api]
HOURS = 3600


def test_the_stable_token_stays_until_five_minutes_before_its_end(
    control: WeChatControl, account: Json, api: ApiOf
) -> None:
    first = api(account).token()
    assert first["expires_in"] == 7200
    control.advance(6000)
    again = api(account).token()
    assert again["access_token"] == first["access_token"]
    assert 1190 <= again["expires_in"] <= 1200
    control.advance(1000)
    renewed = api(account).token()
    assert renewed["access_token"] != first["access_token"]
    old = f"menu/get?access_token={first['access_token']}"
    assert api(account).raw(old)["errcode"] == 46003
    control.advance(301)
    assert api(account).raw(old)["errcode"] == 42001


def test_a_forced_refresh_voids_the_old_token_and_is_counted(control: WeChatControl, account: Json, api: ApiOf) -> None:
    first = api(account).token()["access_token"]
    second = api(account).token(force_refresh=True)["access_token"]
    assert second != first
    assert api(account).raw(f"menu/get?access_token={first}")["errcode"] == 40001
    assert api(account).token(force_refresh=True)["access_token"] == second
    for _ in range(19):
        control.advance(31)
        assert "access_token" in api(account).token(force_refresh=True)
    control.advance(31)
    assert api(account).token(force_refresh=True)["errcode"] == 45009


def test_the_old_token_call_voids_its_predecessor_after_five_minutes(
    control: WeChatControl, account: Json, api: ApiOf
) -> None:
    path = f"token?grant_type=client_credential&appid={account['app_id']}&secret={account['secret']}"
    first = api(account).raw(path)["access_token"]
    second = api(account).raw(path)["access_token"]
    assert first != second
    assert api(account).raw(f"menu/get?access_token={first}")["errcode"] == 46003
    control.advance(301)
    assert api(account).raw(f"menu/get?access_token={first}")["errcode"] == 42001
    assert api(account).raw(f"menu/get?access_token={second}")["errcode"] == 46003


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"grant_type": "password"}, 40002),
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"appid": "wx0000000000000000"}, 40013),
        ({"secret": "wrong"}, 40125),
        ({"force_refresh": "yes"}, 47001),
    ],
)
def test_wrong_credentials_get_no_token(account: Json, api: ApiOf, change: Json, errcode: int) -> None:
    assert api(account).token(**change)["errcode"] == errcode


def test_a_strange_address_gets_no_token(control: WeChatControl, account: Json, api: ApiOf) -> None:
    control.change_account(account["app_id"], allowed_ips=["203.0.113.0/24"])
    answer = api(account).token()
    assert answer["errcode"] == 40164
    assert "127.0.0.1" in answer["errmsg"]


@pytest.mark.parametrize(("token", "errcode"), [("", 41001), ("short", 40014), ("9" * 120, 40001)])
def test_a_wrong_token_is_refused(account: Json, api: ApiOf, token: str, errcode: int) -> None:
    assert api(account).raw(f"user/get?access_token={token}")["errcode"] == errcode


def test_five_messages_after_a_message_and_none_after_two_days(
    control: WeChatControl, account: Json, api: ApiOf
) -> None:
    phone = control.phone(account["app_id"], subscribed=True)
    assert api(account).send(phone.openid, "早") == 45015
    phone.write("在吗")
    assert [api(account).send(phone.openid, f"第{n}条") for n in range(6)] == [0] * 5 + [45047]
    phone.write("还在吗")
    control.advance(48 * HOURS - 60)
    assert api(account).send(phone.openid, "在") == 0
    control.advance(61)
    assert api(account).send(phone.openid, "在") == 45015
    assert phone.state()["remaining"] == 0


def test_three_messages_within_a_minute_of_an_event(control: WeChatControl, account: Json, api: ApiOf) -> None:
    phone = control.phone(account["app_id"])
    phone.follow()
    assert [api(account).send(phone.openid, "欢迎") for _ in range(4)] == [0, 0, 0, 45047]
    phone.do("scan", scene="x")
    control.advance(61)
    assert api(account).send(phone.openid, "晚了") == 45015


def test_a_tapped_menu_item_sends_its_text_and_counts_as_a_click(
    control: WeChatControl, own: Any, account: Json, api: ApiOf
) -> None:
    from tests.contract.wechat.test_pushes import fields, opened

    phone = control.phone(account["app_id"], subscribed=True)
    phone.write("满意度")
    body = {
        "touser": phone.openid,
        "msgtype": "msgmenu",
        "msgmenu": {
            "head_content": "满意吗？",
            "list": [{"id": "101", "content": "满意"}, {"id": "102", "content": "不满意"}],
            "tail_content": "谢谢",
        },
    }
    assert api(account).call("message/custom/send", body)["errcode"] == 0
    shown = phone.answers()[-1]
    phone.do("tap", bubble=shown["id"], item="102")
    got = fields(opened(account, own.inbox.pushes[-1]))
    assert (got["Content"], got["bizmsgmenuid"]) == ("不满意", "102")
    control.advance(48 * HOURS - 30)
    assert api(account).send(phone.openid, "过了一分钟，还在四十八小时内") == 0
    control.advance(60)
    assert api(account).send(phone.openid, "都过了") == 45015


def test_allowances_do_not_add_up(control: WeChatControl, account: Json, api: ApiOf) -> None:
    phone = control.phone(account["app_id"])
    phone.follow()
    phone.write("在吗")
    assert [api(account).send(phone.openid, "在") for _ in range(6)] == [0] * 5 + [45047]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "text", "text": {"content": "x"}}, 40003),
        ({"touser": "oNobody", "msgtype": "text", "text": {"content": "x"}}, 40003),
        ({"touser": "*", "text": {"content": "x"}}, 40008),
        ({"touser": "*", "msgtype": "hologram", "hologram": {}}, 40008),
        ({"touser": "*", "msgtype": "text"}, 44004),
        ({"touser": "*", "msgtype": "text", "text": {"content": " "}}, 44004),
        ({"touser": "*", "msgtype": "text", "text": {"content": "茶" * 683}}, 45002),
        ({"touser": "*", "msgtype": "image", "image": {"media_id": "nope"}}, 40007),
        ({"touser": "*", "msgtype": "news", "news": {"articles": []}}, 44003),
        ({"touser": "*", "msgtype": "news", "news": {"articles": [{"title": "a"}, {"title": "b"}]}}, 45008),
        ({"touser": "*", "msgtype": "news", "news": {"articles": [{"title": "a", "url": "ftp://x"}]}}, 40066),
        ({"touser": "*", "msgtype": "msgmenu", "msgmenu": {"head_content": "?"}}, 47001),
        ({"touser": "*", "msgtype": "msgmenu", "msgmenu": {"list": [{"id": 1, "content": "x"}]}}, 47001),
    ],
)
def test_a_message_that_is_not_right_is_refused(
    control: WeChatControl, account: Json, api: ApiOf, body: Json, errcode: int
) -> None:
    phone = control.phone(account["app_id"], subscribed=True)
    phone.write("在吗")
    wanted = {key: phone.openid if value == "*" else value for key, value in body.items()}
    assert api(account).call("message/custom/send", wanted)["errcode"] == errcode
    assert phone.answers() == []
    assert phone.state()["remaining"] == 5


def test_escapes_are_shown_letter_by_letter(control: WeChatControl, account: Json, api: ApiOf) -> None:
    phone = control.phone(account["app_id"], subscribed=True)
    phone.write("在吗")
    token = api(account).token()["access_token"]
    body = {"touser": phone.openid, "msgtype": "text", "text": {"content": '你好 "茶"\n\\u'}}
    requests.post(f"{control.url}/cgi-bin/message/custom/send?access_token={token}", json=body, timeout=10)
    assert phone.answers()[-1]["text"] == '\\u4f60\\u597d "\\u8336"\n\\u'


@pytest.mark.parametrize("raw", [b"", b"  "])
def test_an_empty_body_is_refused(account: Json, api: ApiOf, raw: bytes) -> None:
    assert api(account).call("message/custom/send", data=raw)["errcode"] == 44002


@pytest.mark.parametrize("raw", [b"{", '{"touser": "茶"}'.encode("gbk"), b"[1]", b"touser=x"])
def test_a_body_that_is_not_utf8_json_is_refused(account: Json, api: ApiOf, raw: bytes) -> None:
    assert api(account).call("message/custom/send", data=raw)["errcode"] == 47001


def test_a_person_of_another_account_is_unknown(control: WeChatControl, account: Json, api: ApiOf) -> None:
    other = control.create_account()
    phone = control.phone(other["app_id"], subscribed=True)
    assert api(account).send(phone.openid, "x") == 40003
    assert api(account).call(f"user/info?openid={phone.openid}")["errcode"] == 40003


def test_who_blocked_or_left_gets_nothing(control: WeChatControl, account: Json, api: ApiOf) -> None:
    blocked = control.phone(account["app_id"], "甲", subscribed=True, blocked=True)
    assert api(account).send(blocked.openid, "x") == 43019
    left = control.phone(account["app_id"], "乙", subscribed=True)
    left.write("再见")
    left.do("unfollow")
    assert api(account).send(left.openid, "别走") == 45015


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [
        ("verified_service", {"menu/get", "user/get", "template/get_all_private_template", "qrcode/create"}),
        ("verified_subscription", {"menu/get", "user/get"}),
        ("unverified", set()),
    ],
)
def test_what_each_kind_of_account_may_do(control: WeChatControl, api: ApiOf, kind: str, allowed: set[str]) -> None:
    account = control.create_account(kind=kind)
    scene = {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "x"}}}
    calls: dict[str, Json | None] = {
        "menu/get": None,
        "user/get": None,
        "template/get_all_private_template": None,
        "qrcode/create": scene,
    }
    refused = {path for path, body in calls.items() if api(account).call(path, body).get("errcode") == 48001}
    assert set(calls) - refused == allowed
    phone = control.phone(account["app_id"], subscribed=True)
    assert (api(account).send(phone.openid, "x") == 48001) is (kind == "unverified")


def test_media_goes_up_and_comes_down(control: WeChatControl, account: Json, api: ApiOf) -> None:
    phone = control.phone(account["app_id"], subscribed=True)
    phone.write("图呢")
    image = sample_image()
    up = api(account).call("media/upload?type=image", files={"media": ("tea.png", image)})
    assert up["type"] == "image"
    body = {"touser": phone.openid, "msgtype": "image", "image": {"media_id": up["media_id"]}}
    assert api(account).call("message/custom/send", body)["errcode"] == 0
    token = api(account).token()["access_token"]
    url = f"{control.url}/cgi-bin/media/get?access_token={token}&media_id={up['media_id']}"
    down = requests.get(url, timeout=10)
    assert (down.content, down.headers["Content-Type"]) == (image, "image/png")
    control.advance(3 * 24 * HOURS + 1)
    assert api(account).call(f"media/get?media_id={up['media_id']}")["errcode"] == 40007


@pytest.mark.parametrize(
    ("kind", "name", "content", "errcode"),
    [
        ("hologram", "a.png", b"x", 40004),
        ("image", "a.txt", b"x", 40005),
        ("image", "a.png", b"not a picture", 40005),
        ("image", "a.png", b"\x89PNG" + b"0" * (10 * 1024 * 1024), 40006),
        ("voice", "a.amr", b"no header", 40005),
        ("thumb", "a.jpg", b"\xff\xd8" + b"0" * 65 * 1024, 40006),
        ("image", "a.png", b"", 44002),
    ],
)
def test_media_of_the_wrong_kind_or_size_is_refused(
    account: Json, api: ApiOf, kind: str, name: str, content: bytes, errcode: int
) -> None:
    assert api(account).call(f"media/upload?type={kind}", files={"media": (name, content)})["errcode"] == errcode


def test_a_voice_may_be_uploaded(account: Json, api: ApiOf) -> None:
    up = api(account).call("media/upload?type=voice", files={"media": ("a.amr", sample_voice(1))})
    assert up["type"] == "voice"
    assert api(account).call("media/upload?type=image", data=b"x")["errcode"] == 41005


def test_a_code_with_a_scene_leads_to_its_scene_until_it_expires(
    control: WeChatControl, own: Any, account: Json, api: ApiOf
) -> None:
    from tests.contract.wechat.test_pushes import fields, opened

    scene = {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "fair"}}, "expire_seconds": 600}
    made = api(account).call("qrcode/create", scene)
    assert made["expire_seconds"] == 600
    picture = requests.get(f"{control.url}/cgi-bin/showqrcode", params={"ticket": made["ticket"]}, timeout=10)
    assert picture.content.startswith(b"\xff\xd8")
    phone = control.phone(account["app_id"])
    phone.do("scan", ticket=made["ticket"])
    phone.do("scan", ticket=made["ticket"])
    got = [fields(opened(account, pushed)) for pushed in own.inbox.pushes]
    assert [(each["Event"], each["EventKey"]) for each in got] == [("subscribe", "qrscene_fair"), ("SCAN", "fair")]
    assert {each["Ticket"] for each in got} == {made["ticket"]}
    control.advance(601)
    with pytest.raises(AssertionError, match="expired"):
        phone.do("scan", ticket=made["ticket"])


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"action_name": "QR", "action_info": {"scene": {"scene_id": 1}}}, 40052),
        ({"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 0}}}, 40053),
        ({"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": "1"}}}, 40053),
        ({"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 100001}}}, 40053),
        ({"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "x" * 65}}}, 40053),
        ({"action_name": "QR_STR_SCENE"}, 40053),
        (
            {
                "action_name": "QR_STR_SCENE",
                "action_info": {"scene": {"scene_str": "x"}},
                "expire_seconds": 2592001,
            },
            61451,
        ),
    ],
)
def test_a_code_that_is_not_right_is_refused(account: Json, api: ApiOf, body: Json, errcode: int) -> None:
    assert api(account).call("qrcode/create", body)["errcode"] == errcode


def test_the_menu_is_kept_checked_and_clicked(control: WeChatControl, own: Any, account: Json, api: ApiOf) -> None:
    from tests.contract.wechat.test_pushes import fields, opened

    menu = {
        "button": [
            {"type": "click", "name": "价目表", "key": "PRICES"},
            {"name": "更多", "sub_button": [{"type": "view", "name": "官网", "url": "https://example.com"}]},
        ]
    }
    assert api(account).call("menu/create", menu)["errcode"] == 0
    assert api(account).call("menu/get")["menu"]["button"][0]["key"] == "PRICES"
    phone = control.phone(account["app_id"], subscribed=True)
    phone.do("click", name="价目表")
    assert phone.state()["remaining"] == 3
    phone.do("click", name="官网")
    got = [fields(opened(account, pushed)) for pushed in own.inbox.pushes]
    assert [(each["Event"], each["EventKey"]) for each in got] == [
        ("CLICK", "PRICES"), ("VIEW", "https://example.com"),
    ]  # fmt: skip
    assert api(account).call("menu/delete")["errcode"] == 0
    assert api(account).call("menu/get")["errcode"] == 46003


@pytest.mark.parametrize(
    ("buttons", "errcode"),
    [
        ([], 40016),
        ([{"type": "click", "name": "a", "key": "k"}] * 4, 40016),
        ([{"type": "fly", "name": "a", "key": "k"}], 40017),
        ([{"type": "click", "name": "茶" * 6, "key": "k"}], 40018),
        ([{"type": "click", "name": "a", "key": "k" * 129}], 40019),
        ([{"type": "view", "name": "a", "url": "javascript:alert(1)"}], 40020),
        ([{"name": "a", "sub_button": [{"type": "click", "name": "b", "key": "k"}] * 6}], 40023),
    ],
)
def test_a_menu_that_is_not_right_is_refused(account: Json, api: ApiOf, buttons: list[Json], errcode: int) -> None:
    assert api(account).call("menu/create", {"button": buttons})["errcode"] == errcode


def test_a_template_message_needs_no_window_and_tells_its_end(
    control: WeChatControl, own: Any, account: Json, api: ApiOf
) -> None:
    template = api(account).call("template/api_add_template", {"template_id_short": "OPENTM207498902"})["template_id"]
    assert len(api(account).call("template/get_all_private_template")["template_list"]) == 1
    phone = control.phone(account["app_id"], subscribed=True)
    data = {"first": {"value": "已发货"}, "keyword1": {"value": "A1"}, "keyword2": {"value": "顺丰"}}
    sent = api(account).call("message/template/send", {"touser": phone.openid, "template_id": template, "data": data})
    assert sent["errcode"] == 0
    assert "订单编号：A1" in phone.answers()[-1]["text"]
    phone.wait_until(lambda: list(own.inbox.pushes), lambda found: len(found) == 1, seconds=5)
    missing = {"touser": phone.openid, "template_id": template, "data": {"first": {"value": "x"}}}
    assert api(account).call("message/template/send", missing)["errcode"] == 47003
    unknown = {"touser": phone.openid, "template_id": "nope", "data": {}}
    assert api(account).call("message/template/send", unknown)["errcode"] == 40037


def test_typing_needs_a_talk_that_is_going_on(control: WeChatControl, account: Json, api: ApiOf) -> None:
    phone = control.phone(account["app_id"], subscribed=True)
    body = {"touser": phone.openid, "command": "Typing"}
    assert api(account).call("message/custom/typing", body)["errcode"] == 45080
    phone.write("在吗")
    assert api(account).call("message/custom/typing", body)["errcode"] == 0
    assert phone.state()["typing"]
    assert api(account).call("message/custom/typing", body)["errcode"] == 45081
    assert api(account).call("message/custom/typing", {**body, "command": "Sing"})["errcode"] == 45072
    assert api(account).send(phone.openid, "在") == 0
    assert not phone.state()["typing"]


def test_user_info_tells_the_scene_but_no_name(control: WeChatControl, account: Json, api: ApiOf) -> None:
    control.change_account(account["app_id"], open_platform="op1")
    phone = control.phone(account["app_id"], "周一")
    phone.follow(scene="fair")
    about = api(account).call(f"user/info?openid={phone.openid}")
    assert (about["subscribe"], about["nickname"], about["qr_scene_str"]) == (1, "", "fair")
    assert about["unionid"].startswith("u")
    phone.do("unfollow")
    assert api(account).call(f"user/info?openid={phone.openid}")["subscribe"] == 0


def test_ordered_faults_come_once_and_in_their_way(control: WeChatControl, account: Json, api: ApiOf) -> None:
    phone = control.phone(account["app_id"], subscribed=True)
    phone.write("在吗")
    control.fault("errcode", endpoint="message/custom/send", errcode=-1)
    assert api(account).send(phone.openid, "一") == -1
    assert api(account).send(phone.openid, "二") == 0
    token = api(account).token()["access_token"]
    url = f"{control.url}/cgi-bin/message/custom/send?access_token={token}"
    body = {"touser": phone.openid, "msgtype": "text", "text": {"content": "three"}}
    control.fault("http", endpoint="message/custom/send", status=502)
    assert requests.post(url, json=body, timeout=5).status_code == 502
    control.fault("commit_then_hang", endpoint="message/custom/send", seconds=5)
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.post(url, json=body, timeout=0.3)
    control.fault("drop", endpoint="message/custom/send")
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.post(url, json=body, timeout=5)
    assert [each["text"] for each in phone.answers()] == ["二", "three"]


def test_a_restarted_server_remembers(tmp_path: Path) -> None:
    with FakeWeChat(folder=tmp_path) as first:
        account = first.control.create_account(name="龙井茶庄")
        phone = first.control.phone(account["app_id"])
        phone.follow(scene="s")
        phone.do("image")
        token = Api(first.url, account).token()["access_token"]
        before = phone.screen()
    with FakeWeChat(folder=tmp_path) as second:
        assert [each["name"] for each in second.control.accounts()] == ["龙井茶庄"]
        again = second.control.phone(account["app_id"])
        assert again.openid == phone.openid
        assert again.screen() == before
        assert Api(second.url, account).token()["access_token"] == token
        media = before[-1]["detail"]["media_id"]
        assert requests.get(f"{second.url}/media/{media}", timeout=5).content == sample_image()
