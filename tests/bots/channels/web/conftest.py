"""A web channel in each tenant, and visitors who know nothing but its key."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from bots.channels.services import create_channel
from guanxi.access import Actor
from guanxi.common.ids import new_token
from guanxi.tenancy import TenantRef, tenant_scope
from tests.bots.channels.web.server import Served, serving

BASE = "127.0.0.1"
SITE = "https://shop.example.cn"


@pytest.fixture
def web_channel(owner: Actor) -> Any:
    """Connect alpha's chat."""
    values = {
        "greeting": {"zh": "您好", "en": "Hello"},
        "starters": {"zh": ["怎么发货？"], "en": []},
        "allowed_origins": [SITE],
    }
    return create_channel(actor=owner, kind="web", name="Shop", values=values)


@pytest.fixture
def foreign_channel(beta: TenantRef, web_channel: Any) -> Any:
    """Connect beta's chat; it has its own key."""
    with tenant_scope(beta):
        return create_channel(actor=Actor.system("test"), kind="web", name="Other shop", values={})


@dataclass
class Visit:
    """A visitor's browser: it keeps the token, and calls the API as the widget does."""

    key: str
    host: str = BASE
    token: str = ""
    client: Client = field(default_factory=Client)

    def start(self, **page: str) -> Any:
        """Begin or resume, and keep the token."""
        body = {"key": self.key, "token": self.token or None, "page": page, "language": "zh-CN"}
        answer = self.post("/visits", body)
        if answer.status_code == 200:
            self.token = answer.json()["token"]
        return answer

    def post(self, path: str, body: dict[str, Any], *, key: str = "") -> Any:
        """Send JSON."""
        headers = self._headers(key or new_token())
        return self.client.post(
            f"/api/widget/v1{path}", body, content_type="application/json", headers=headers, SERVER_NAME=self.host
        )

    def upload(self, content: Any, *, key: str = "") -> Any:
        """Send a file."""
        headers = self._headers(key or new_token())
        return self.client.post("/api/widget/v1/files", {"file": content}, headers=headers, SERVER_NAME=self.host)

    def get(self, path: str) -> Any:
        """Read."""
        return self.client.get(f"/api/widget/v1{path}", headers=self._headers(""), SERVER_NAME=self.host)

    def say(self, text: str, *, key: str = "") -> Any:
        """Write a message."""
        return self.post("/messages", {"text": text}, key=key)

    def texts(self) -> list[str]:
        """Return the talk's texts as the visitor sees them."""
        return [message["text"] for message in self.get("/conversation").json()["items"]]

    def _headers(self, key: str) -> dict[str, str]:
        headers = {"idempotency-key": key} if key else {}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        return headers


@pytest.fixture
def visitor(web_channel: Any) -> Visit:
    """Return a visitor who has come to alpha's site."""
    visit = Visit(web_channel.key)
    answer = visit.start(url=f"{SITE}/tea?utm_source=baidu", title="茶", referrer="https://www.baidu.com/")
    assert answer.status_code == 200, answer.content
    return visit


@pytest.fixture(scope="session")
def web_server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start the real server once; the database under it is made anew after each committed test."""
    with serving(tmp_path_factory.mktemp("web") / "server.log") as served:
        yield served


@pytest.fixture
def server(alpha: TenantRef, web_server: Served) -> Served:
    """Return the running server, with a fresh database."""
    return web_server
