"""A connected account: the channel in alpha, its twin at Tencent, and a responder that tests can set."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler

import pytest
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application

from bots.channels.models import Channel
from bots.channels.services import create_channel
from crm.conversations.services import answer_key, register_passive_responder, responding, send_bot_message
from crm.conversations.types import Said
from guanxi.access import Actor
from tests.bots.channels.wechat.signing import AES_KEY, APP_ID, ORIGINAL_ID, SECRET, TOKEN
from tests.fakes.wechat import FakeWeChat, WeChatControl

Answer = Callable[[int, int, float], Said | None]


@dataclass
class Responder:
    """Answers at once what the test says, in the way that the assistant does."""

    text: str = ""
    kind: str = "text"
    payload: dict[str, Any] = field(default_factory=dict)
    generated: bool = False
    instead: Answer | None = None
    asked: list[tuple[int, int]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def respond(self, *, conversation_id: int, message_id: int, seconds: float) -> Said | None:
        self.asked.append((conversation_id, message_id))
        self.seconds.append(seconds)
        if self.instead is not None:
            return self.instead(conversation_id, message_id, seconds)
        return self.say(conversation_id, message_id) if self.text else None

    def say(self, conversation_id: int, message_id: int) -> Said | None:
        message = send_bot_message(
            conversation_id=conversation_id, key=answer_key(message_id), text=self.text, kind=self.kind,
            payload=self.payload, generated=self.generated, passive=True,
        )  # fmt: skip
        return Said(message.pk, message.kind, message.text, message.payload, message.generated) if message else None


@pytest.fixture(autouse=True)
def responder() -> Iterator[Responder]:
    """Somebody in the assistant's place, who says nothing until told to."""
    before = responding._responder
    made = Responder()
    register_passive_responder(made)
    yield made
    register_passive_responder(before)


@pytest.fixture(scope="session")
def tencent() -> Iterator[FakeWeChat]:
    with FakeWeChat() as fake:
        yield fake


@pytest.fixture
def control(tencent: FakeWeChat, monkeypatch: pytest.MonkeyPatch) -> WeChatControl:
    """Tencent as it is at the beginning of each test, and our calls going there."""
    monkeypatch.setattr(settings, "GUANXI_WECHAT_API_BASE", tencent.url)
    state = tencent.tencent
    for kept in (state.accounts, state.followers, state.bubbles, state.media, state.tickets):
        kept.clear()
    state.deliveries.clear()
    state.calls.clear()
    state.faults.clear()
    state.desk.tokens.clear()
    state.desk.forced.clear()
    state.desk.issued = 0
    state.clock.offset, state.settings.callback_timeout, state.settings.timestamp_shift = 0.0, 5.0, 0
    return tencent.control


def values(**changes: Any) -> dict[str, Any]:
    """The settings of the account that all tests use."""
    return {
        "app_id": APP_ID, "app_secret": SECRET, "token": TOKEN, "aes_key": AES_KEY, "original_id": ORIGINAL_ID,
        **changes,
    }  # fmt: skip


@pytest.fixture
def channel(owner: Actor) -> Channel:
    """The account as alpha's owner connected it."""
    return create_channel(actor=owner, kind="wechat", name="龙井茶庄", values=values())


@pytest.fixture
def account(control: WeChatControl) -> dict[str, Any]:
    """The account as Tencent knows it; its callback is not set yet."""
    return control.create_account(
        app_id=APP_ID, secret=SECRET, original_id=ORIGINAL_ID, token=TOKEN, aes_key=AES_KEY, name="龙井茶庄"
    )


class QuietHandler(WSGIRequestHandler):
    """Serves without a word."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class calls it so
        return


@pytest.fixture
def server(alpha: Any) -> Iterator[str]:
    """Our own server over real HTTP, in this process, so that a test's responder answers."""
    httpd = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    httpd.set_app(get_wsgi_application())
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()
    thread.join(5)


@pytest.fixture
def connected(server: str, channel: Channel, account: dict[str, Any], control: WeChatControl) -> Channel:
    """Channel and account joined: Tencent has checked our address and pushes to it."""
    control.change_account(APP_ID, callback_url=f"{server}/wechat/{APP_ID}")
    assert control.enable(APP_ID)
    channel.refresh_from_db()
    return channel
