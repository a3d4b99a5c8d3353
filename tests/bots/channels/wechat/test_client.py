"""The client against Tencent's rules: tokens, renewals, retries, and each error in our own words."""

from __future__ import annotations

import io
import threading
import time
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections

from bots.channels.models import AccessToken, Channel
from bots.channels.wechat import client as client_module
from bots.channels.wechat.client import account_of
from bots.channels.wechat.faults import MEANINGS, WeChatFault
from guanxi.secrets import SecretError, unseal
from guanxi.tenancy import TenantRef, tenant_scope
from tests.bots.channels.wechat.signing import APP_ID, SECRET
from tests.fakes.wechat import WeChatControl
from tests.fakes.wechat.client import Phone
from tests.fakes.wechat.people import sample_image, sample_voice

pytestmark = pytest.mark.usefixtures("account")


@pytest.fixture
def phone(control: WeChatControl, account: Any) -> Phone:
    """Somebody who wrote lately, so that five messages may go to them."""
    made = control.phone(APP_ID, subscribed=True)
    made.write("在吗")
    return made


def text_to(phone: Phone, words: str) -> dict[str, Any]:
    return {"touser": phone.openid, "msgtype": "text", "text": {"content": words}}


def code_of(call: Any) -> str:
    with pytest.raises(WeChatFault) as caught:
        call()
    return caught.value.code


def test_a_token_is_fetched_once_sealed_and_used_again(channel: Channel, control: WeChatControl, phone: Phone) -> None:
    account = account_of(channel)
    for words in ("一", "二"):
        account.send(text_to(phone, words))
    account_of(channel).send(text_to(phone, "三"))
    assert [each["text"] for each in phone.answers()] == ["一", "二", "三"]
    assert len(control.calls(APP_ID, "stable_token")) == 1
    row = AccessToken.objects.get()
    token = account.tokens.current()
    assert token
    assert token not in row.value
    with pytest.raises(SecretError):
        unseal(row.value, field="channels.access_token.value", row="0")


def test_words_arrive_as_they_are(channel: Channel, phone: Phone) -> None:
    words = 'ä 你好 🍵 "引号" \\u4f60 \\ <b>&amp;'
    account_of(channel).send(text_to(phone, words))
    assert phone.answers()[-1]["text"] == words


def test_a_token_is_renewed_before_its_end(channel: Channel, control: WeChatControl, phone: Phone) -> None:
    from datetime import timedelta

    from guanxi.common import clock

    account_of(channel).send(text_to(phone, "一"))
    with clock.at(clock.now() + timedelta(seconds=7200 - 290)):
        control.advance(7200 - 290)
        account_of(channel).send(text_to(phone, "二"))
    assert len(control.calls(APP_ID, "stable_token")) == 2
    assert [each["errcode"] for each in control.calls(APP_ID, "message/custom/send")] == [0, 0]


@pytest.mark.parametrize("spoil", ["revoke", "expire", "replace"])
def test_a_refused_token_is_renewed_once_and_the_call_made_again(
    channel: Channel, control: WeChatControl, phone: Phone, spoil: str
) -> None:
    account = account_of(channel)
    account.send(text_to(phone, "一"))
    if spoil == "revoke":
        control.revoke_tokens(APP_ID)
    elif spoil == "expire":
        control.advance(7300)
    else:
        AccessToken.objects.update(value=_sealed(channel, "short"))
    account.send(text_to(phone, "二"))
    assert [each["text"] for each in phone.answers()] == ["一", "二"]
    assert len(control.calls(APP_ID, "stable_token")) <= 2


def _sealed(channel: Channel, value: str) -> str:
    from bots.channels.wechat.tokens import FIELD
    from guanxi.secrets import seal

    return seal(value, field=FIELD, row=str(channel.pk))


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_token_that_stays_refused_ends_after_one_renewal(
    channel: Channel, control: WeChatControl, phone: Phone, errcode: int
) -> None:
    control.fault("errcode", endpoint="message/custom/send", errcode=errcode, times=9)
    assert code_of(lambda: account_of(channel).send(text_to(phone, "x"))) == "credentials"
    assert len(control.calls(APP_ID, "message/custom/send")) == 0
    sent = [each for each in control.traces()["calls"] if each["endpoint"].endswith("custom/send")]
    assert len(sent) == 2
    # Tencent gave the same token again, so one new one was forced.
    forced = [each for each in control.calls(APP_ID, "stable_token") if '"force_refresh": true' in each["request"]]
    assert len(forced) == 1


@pytest.mark.committed
def test_many_workers_get_one_token(channel: Channel, control: WeChatControl, alpha: TenantRef) -> None:
    connection.commit() if connection.in_atomic_block else None
    found: list[str] = []

    def work() -> None:
        with tenant_scope(alpha):
            found.append(account_of(Channel.objects.get(pk=channel.pk)).tokens.current())
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(control.calls(APP_ID, "stable_token")) == 1


@pytest.mark.committed
def test_many_workers_renew_a_refused_token_once(channel: Channel, control: WeChatControl, alpha: TenantRef) -> None:
    first = account_of(channel).tokens.current()
    control.revoke_tokens(APP_ID)
    found: list[str] = []

    def work() -> None:
        with tenant_scope(alpha):
            found.append(account_of(Channel.objects.get(pk=channel.pk)).tokens.renew(stale=first))
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(set(found)) == 1
    assert found[0] != first
    assert len(control.calls(APP_ID, "stable_token")) == 2


def test_busy_is_tried_again_a_few_times(channel: Channel, control: WeChatControl, phone: Phone) -> None:
    control.fault("errcode", endpoint="message/custom/send", errcode=-1, times=2)
    account_of(channel).send(text_to(phone, "忙完了"))
    assert [each["text"] for each in phone.answers()] == ["忙完了"]
    control.fault("errcode", endpoint="message/custom/send", errcode=-1, times=9)
    with pytest.raises(WeChatFault) as caught:
        account_of(channel).send(text_to(phone, "还忙"))
    assert (caught.value.code, caught.value.retry_after is not None) == ("busy", True)
    control.clear_faults()
    assert len(phone.answers()) == 1


@pytest.mark.parametrize(
    ("fault", "code", "again"),
    [
        ({"kind": "http", "status": 502}, "network", True),
        ({"kind": "garbage"}, "network", True),
        ({"kind": "drop"}, "outcome_unknown", False),
        ({"kind": "hang", "seconds": 5}, "outcome_unknown", False),
        ({"kind": "commit_then_hang", "seconds": 5}, "outcome_unknown", False),
        ({"kind": "commit_then_drop"}, "outcome_unknown", False),
    ],
)
def test_a_broken_line(
    channel: Channel,
    control: WeChatControl,
    phone: Phone,
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, Any],
    code: str,
    again: bool,
) -> None:
    account = account_of(channel)
    account.tokens.current()
    account.timeout = (1.0, 0.3)
    control.fault(endpoint="message/custom/send", **fault)
    started = time.monotonic()
    with pytest.raises(WeChatFault) as caught:
        account.send(text_to(phone, "x"))
    assert time.monotonic() - started < 3
    # A message that may have arrived is never sent again by itself.
    assert (caught.value.code, caught.value.retry_after is not None) == (code, again)
    assert len(phone.answers()) == (1 if fault["kind"].startswith("commit") else 0)


def test_a_server_that_is_away_is_told_apart(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "GUANXI_WECHAT_API_BASE", "http://127.0.0.1:9")
    with pytest.raises(WeChatFault) as caught:
        account_of(channel).tokens.current()
    assert (caught.value.code, caught.value.retry_after is not None) == ("network", True)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"secret": "f" * 32}, "credentials"), ({"allowed_ips": ["203.0.113.1"]}, "address_not_allowed")],
)
def test_why_there_is_no_token(channel: Channel, control: WeChatControl, change: dict[str, Any], code: str) -> None:
    control.change_account(APP_ID, **change)
    assert code_of(account_of(channel).tokens.current) == code
    assert AccessToken.objects.filter(value__gt="").count() == 0


@pytest.mark.parametrize("errcode", sorted(MEANINGS))
def test_every_known_error_has_its_meaning(
    channel: Channel, control: WeChatControl, phone: Phone, monkeypatch: pytest.MonkeyPatch, errcode: int
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    control.fault("errcode", endpoint="message/custom/send", errcode=errcode, times=9)
    with pytest.raises(WeChatFault) as caught:
        account_of(channel).send(text_to(phone, "x"))
    assert (caught.value.code, caught.value.errcode) == (MEANINGS[errcode].code, errcode)


def test_an_unknown_error_is_refused_without_retry(channel: Channel, control: WeChatControl, phone: Phone) -> None:
    control.fault("errcode", endpoint="message/custom/send", errcode=99999)
    with pytest.raises(WeChatFault) as caught:
        account_of(channel).send(text_to(phone, "x"))
    assert (caught.value.code, caught.value.retry_after) == ("refused", None)


def test_media_goes_up_also_when_the_token_was_refused(channel: Channel, control: WeChatControl) -> None:
    account = account_of(channel)
    account.tokens.current()
    control.revoke_tokens(APP_ID)
    up = account.media.upload("image", ("tea.png", io.BytesIO(sample_image())))
    kind, content = account.fetch_media(up["media_id"])
    assert (kind, content) == ("image/png", sample_image())


def test_media_that_is_gone_or_too_large(
    channel: Channel, control: WeChatControl, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = account_of(channel)
    up = account.media.upload("voice", ("v.amr", io.BytesIO(sample_voice(2))))
    monkeypatch.setattr(client_module, "MAX_MEDIA", 500)
    assert code_of(lambda: account.fetch_media(up["media_id"])) == "media_too_large"
    assert code_of(lambda: account.fetch_media("nope")) == "media_gone"


def test_the_secret_is_not_in_what_the_client_says(channel: Channel, control: WeChatControl) -> None:
    control.change_account(APP_ID, secret="f" * 32)
    with pytest.raises(WeChatFault) as caught:
        account_of(channel).tokens.current()
    assert SECRET not in str(caught.value)
