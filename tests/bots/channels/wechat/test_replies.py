"""Passive replies are what Tencent accepts, whatever they hold: the fake reads them as strictly as Tencent."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.channels.wechat import words
from bots.channels.wechat.parts import split_text
from bots.channels.wechat.reading import read_push
from bots.channels.wechat.replies import passive_text, render_reply, reply_of
from bots.channels.wechat.types import MAX_TEXT_BYTES
from crm.conversations.types import Said
from tests.bots.channels.wechat.signing import OPENID, Signer, query_of
from tests.fakes.wechat.passive import read_reply
from tests.fakes.wechat.records import Follower, Mode

FOLLOWER = Follower(openid=OPENID, app_id="wx0123456789abcdef", nickname="林晓雨")


def received(signer: Signer, text: str) -> str | None:
    """What Tencent shows of a reply to a message."""
    query, body = signer.call(signer.text("在吗"))
    push = read_push(signer.credentials, query_of(query), body)
    rendered = render_reply(signer.credentials, push, reply_of(text) if text else None)
    reply = read_reply(signer.account, FOLLOWER, rendered.encode(), {})
    return reply.text if reply else None


@pytest.mark.parametrize("mode", [Mode.PLAIN, Mode.COMPATIBLE, Mode.ENCRYPTED])
@pytest.mark.parametrize("text", ["在的", "a ]]> b ]]]]>> c", "<b>&amp;</b>", "多行\n第二行", "]]>" * 50, "\x1dx\x00"])
def test_a_reply_is_shown_as_it_was_meant(mode: Mode, text: str) -> None:
    assert received(Signer(mode=mode), text) == text.replace("\x1d", "").replace("\x00", "")


def test_no_reply_is_silence() -> None:
    assert received(Signer(), "") is None
    assert received(Signer(mode=Mode.PLAIN), "") is None


@settings(max_examples=150, deadline=None)
@given(st.text(min_size=1, max_size=120).filter(lambda text: any(letter.isalnum() for letter in text)))
def test_any_text_makes_an_acceptable_reply(text: str) -> None:
    shown = received(Signer(), text)
    assert shown is not None
    assert [letter for letter in shown if letter.isalnum()] == [letter for letter in text if letter.isalnum()]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=3000), st.integers(min_value=8, max_value=600))
def test_parts_fit_and_lose_nothing(text: str, limit: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    parts = split_text(text, limit)
    assert all(0 < len(part.encode()) <= limit for part in parts if part)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_parts_end_where_a_reader_pauses() -> None:
    text = "第一段说明龙井的产地。" * 3 + "\n\n" + "第二段说明价格，含税。" * 3
    first, second = split_text(text, 120)
    assert first.endswith("产地。")
    assert second.startswith("第二段")


def test_what_does_not_fit_into_a_passive_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "word", lambda name: "（AI 生成）")
    assert passive_text(Said(1, "text", "好")) == "好"
    assert passive_text(Said(1, "text", "好", generated=True)) == "好\n（AI 生成）"
    assert passive_text(Said(1, "text", " ")) is None
    assert passive_text(Said(1, "text", "茶" * 683)) is None
    assert passive_text(Said(1, "text", "茶" * 682, generated=True)) is None
    assert passive_text(Said(1, "image", "")) is None
    menu = passive_text(
        Said(1, "menu", "您想问：", {"items": [{"id": "7", "text": "有<礼盒>吗 & 价格"}], "tail": "谢谢"})
    )
    assert menu is not None
    assert menu.startswith('您想问：\n<a href="weixin://bizmsgmenu?msgmenucontent=%E6%9C%89')
    assert "有＜礼盒＞吗 & 价格</a>\n谢谢" in menu
    assert len(menu.encode()) < MAX_TEXT_BYTES
