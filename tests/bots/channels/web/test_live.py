"""The visitors' socket over a real server: who may listen, and what is heard."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from bots.channels.services import create_channel
from bots.channels.web.live import hear_member_typing
from bots.channels.web.tokens import issue_token, new_visitor
from crm.conversations.models import Conversation
from crm.conversations.services import deliver_message, send_bot_message, send_member_message, take_over
from guanxi.common.errors import NotFound
from guanxi.events.dispatch import dispatch_event
from guanxi.events.relay import drain
from guanxi.realtime import publish_to_visitor
from guanxi.realtime.audiences import admits
from guanxi.realtime.registry import audience_of_channel
from guanxi.tenancy import TenantRef, tenant_scope
from tests.bots.channels.web.server import Served
from tests.people import Team

pytestmark = pytest.mark.committed


@contextmanager
def listening(server: Served, token: str, *, host: str = "127.0.0.1") -> Iterator[ClientConnection]:
    """Open a visitor's socket from a page of the host, and say hello."""
    authority = f"{host}:{server.port}"
    plain = socket.create_connection(("127.0.0.1", server.port))
    with connect(f"ws://{authority}/ws/widget/", sock=plain, origin=Origin(f"http://{authority}")) as line:
        line.send(json.dumps({"type": "hello", "token": token}))
        yield line


def hear(line: ClientConnection, kind: str, seconds: float = 5) -> dict[str, Any]:
    """Return the next message of a kind."""
    while True:
        heard: dict[str, Any] = json.loads(line.recv(timeout=seconds))
        if heard["type"] == kind:
            return heard


class Visitor:
    """A visitor over HTTP."""

    def __init__(self, server: Served, key: str) -> None:
        self.base = f"{server.url}/api/widget/v1"
        body = {"key": key, "page": {"url": "https://shop.cn/", "title": "", "referrer": ""}}
        answer = requests.post(f"{self.base}/visits", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        self.token: str = answer.json()["token"]

    def say(self, text: str) -> dict[str, Any]:
        """Write a message."""
        answer = requests.post(
            f"{self.base}/messages", json={"text": text}, headers={"Authorization": f"Bearer {self.token}"}, timeout=10
        )
        assert answer.status_code == 201, answer.text
        message: dict[str, Any] = answer.json()["message"]
        return message


def test_a_visitor_hears_the_answer_grow_and_then_the_whole(server: Served, web_channel: Any, team: Team) -> None:
    """Tokens go out as they come; the stored message follows with the same key and names the one before it."""
    visitor = Visitor(server, web_channel.key)
    asked = visitor.say("包邮吗")
    conversation = Conversation.objects.get()
    with listening(server, visitor.token) as line:
        hear(line, "ready")
        for text in ("满 ", "99 包邮"):
            publish_to_visitor(conversation.identity.value, {"type": "token", "message_key": "a:1", "text": text})
        assert [hear(line, "token")["text"] for _ in range(2)] == ["满 ", "99 包邮"]
        answer = send_bot_message(conversation_id=conversation.pk, key="a:1", text="满 99 包邮。", generated=True)
        assert answer is not None
        assert deliver_message(message_id=answer.pk) is None
        heard = hear(line, "message")
        assert (heard["message"]["key"], heard["message"]["text"]) == ("a:1", "满 99 包邮。")
        assert heard["previous"] == asked["id"]
        assert heard["talk"] == {"state": "bot", "agent": ""}
    answer.refresh_from_db()
    assert answer.state == "sent"


def test_a_visitor_hears_who_takes_the_word_and_own_words_of_other_tabs(
    server: Served, web_channel: Any, team: Team
) -> None:
    """Events reach the page through the outbox."""
    visitor = Visitor(server, web_channel.key)
    with listening(server, visitor.token) as line:
        hear(line, "ready")
        said = visitor.say("有人吗")
        drain(dispatch_event)
        assert hear(line, "message")["message"] == said
        conversation = Conversation.objects.get()
        take_over(actor=team["agent"], conversation_id=conversation.pk)
        drain(dispatch_event)
        assert hear(line, "talk")["talk"] == {"state": "open", "agent": "Agent"}
        message = send_member_message(actor=team["agent"], conversation_id=conversation.pk, text="在的")
        deliver_message(message_id=message.pk)
        assert hear(line, "message")["message"]["name"] == "Agent"


def test_both_sides_see_the_other_type(server: Served, web_channel: Any, team: Team) -> None:
    """A member's typing reaches the visitor; a stranger to the talk cannot fake it."""
    visitor = Visitor(server, web_channel.key)
    visitor.say("有人吗")
    conversation = Conversation.objects.get()
    take_over(actor=team["agent"], conversation_id=conversation.pk)
    with listening(server, visitor.token) as line:
        hear(line, "ready")
        hear_member_typing(team["agent"], {"type": "typing", "conversation_id": conversation.pk})
        assert hear(line, "typing") == {"type": "typing", "who": "member", "name": "Agent"}
        for wrong in ({"conversation_id": conversation.pk + 1}, {"conversation_id": "1"}, {}):
            with suppress(NotFound):
                hear_member_typing(team["agent"], {"type": "typing", **wrong})
        line.send(json.dumps({"type": "typing"}))
        line.send(json.dumps({"type": "ping"}))
        assert hear(line, "pong")
    audience = audience_of_channel("conversation")
    assert audience is not None
    heard_by = audience(conversation.pk)
    assert heard_by is not None
    assert admits(team["agent"], heard_by) and not admits(team["rep2"], heard_by)
    assert audience(conversation.pk + 1) is None


def test_visitors_hear_only_their_own_talk(server: Served, web_channel: Any, team: Team) -> None:
    """Another visitor of the same channel hears nothing of it."""
    one, other = Visitor(server, web_channel.key), Visitor(server, web_channel.key)
    with listening(server, one.token) as line, listening(server, other.token) as others:
        hear(line, "ready")
        hear(others, "ready")
        one.say("我的")
        drain(dispatch_event)
        assert hear(line, "message")["message"]["text"] == "我的"
        with pytest.raises(TimeoutError):
            hear(others, "message", seconds=0.7)


@pytest.mark.parametrize("token", ["nonsense", "", issue_token(new_visitor("gxw_nobodyknowsme", {}))])
def test_a_bad_token_is_refused_with_its_code(server: Served, web_channel: Any, token: str) -> None:
    """4401 tells the widget to begin a new visit."""
    with listening(server, token) as line:
        with pytest.raises(ConnectionClosed):
            line.recv(timeout=5)
        assert line.close_code == 4401


def test_a_token_is_good_at_the_base_host_and_at_home_only(server: Served, web_channel: Any, beta: TenantRef) -> None:
    """Beta's host refuses alpha's visitor; a key that was taken off refuses everywhere."""
    visitor = Visitor(server, web_channel.key)
    with listening(server, visitor.token, host="alpha.localhost") as line:
        hear(line, "ready")
    with listening(server, visitor.token, host="beta.localhost") as line:
        with pytest.raises(ConnectionClosed):
            line.recv(timeout=5)
        assert line.close_code == 4401


def test_the_same_visitor_id_in_two_tenants_hears_apart(server: Served, web_channel: Any, beta: TenantRef) -> None:
    """Equal keys of conversations in two workspaces are two conversations."""
    with tenant_scope(beta):
        from guanxi.access import Actor

        foreign = create_channel(actor=Actor.system("test"), kind="web", name="Other", values={})
    assert foreign.pk == web_channel.pk
    visitor, stranger = Visitor(server, web_channel.key), Visitor(server, foreign.key)
    with listening(server, visitor.token) as line, listening(server, stranger.token) as others:
        hear(line, "ready")
        hear(others, "ready")
        stranger.say("只给 beta")
        drain(dispatch_event)
        assert hear(others, "message")["message"]["text"] == "只给 beta"
        with pytest.raises(TimeoutError):
            hear(line, "message", seconds=0.7)
