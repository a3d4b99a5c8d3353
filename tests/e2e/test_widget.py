"""The chat on a company's own site, through the whole stack: relay, workers, sockets, pages."""

import time
import uuid
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.bots.channels.web.browsing import Shopper
from tests.e2e.people import PASSWORD, PATIENCE
from tests.e2e.stack import RunningStack
from tests.fakes.site import FakeSite

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION, ANSWER = "龙井礼盒怎么发货？", "现货 48 小时内从杭州发出，顺丰包邮。"


class Office:
    """A company and its owner, who works through the API; the forms have stories of their own."""

    def __init__(self, stack: RunningStack) -> None:
        self.stack, self.slug = stack, f"site{uuid.uuid4().hex[:6]}"
        self.session = requests.Session()
        link = urlsplit(self._sign_up())
        self._send("GET", link.path)

    def _sign_up(self) -> str:
        body = {
            "key": str(uuid.uuid4()),
            "company": "云栖茶礼有限公司",
            "slug": self.slug,
            "name": "沈一舟",
            "email": f"owner@{self.slug}.example.com",
            "password": PASSWORD,
            "accepts_terms": True,
        }
        base = f"{self.stack.base_url}/api/base/v1/signups"
        entry = requests.post(base, json=body, timeout=30).json()
        deadline = time.monotonic() + 60
        while not entry.get("hand_over_url"):
            assert time.monotonic() < deadline, entry
            time.sleep(0.3)
            entry = requests.get(f"{base}/{entry['id']}", timeout=10).json()
        return str(entry["hand_over_url"])

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        # Names below localhost resolve in browsers only; the host travels in its header.
        authority = f"{self.slug}.localhost:{self.stack.web_port}"
        kept = {cookie.name: cookie.value or "" for cookie in self.session.cookies}
        headers = {"Host": authority, "Origin": f"http://{authority}", "X-CSRFToken": kept.get("gx_csrf", "")}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in kept.items())
        answer = self.session.request(
            method,
            f"http://127.0.0.1:{self.stack.web_port}{path}",
            json=body,
            headers=headers,
            timeout=30,
            allow_redirects=False,
        )
        assert answer.status_code < 400, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def call(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Read, or write where there is a body."""
        return self._send("GET" if body is None else "POST", f"/api/v1{path}", body).json()

    def embed_into(self, site: FakeSite) -> None:
        """Connect the chat for this one site."""
        values = {"allowed_origins": [site.origin], "greeting": {"zh": "欢迎光临"}, "starters": {"zh": [QUESTION]}}
        channel = self.call("/channels", {"kind": "web", "name": "云栖茶礼", "settings": values})
        site.point_at(script_url=f"http://127.0.0.1:{self.stack.web_port}/widget.js", key=channel["key"])


def test_a_visitor_is_answered_by_the_assistant_and_then_by_a_person(stack: RunningStack, browser: Browser) -> None:
    """Question, stored answer, a person takes over, the web server is killed: nothing is lost or doubled."""
    office = Office(stack)
    office.call("/knowledge/faqs", {"question": QUESTION, "answer": ANSWER, "similar": ["多久能发货"], "publish": True})
    with FakeSite() as site:
        office.embed_into(site)
        shopper = Shopper(browser)
        shopper.go(f"{site.url}/hostile").open()
        shopper.chat.get_by_role("button", name=QUESTION).click()
        expect(shopper.bubbles).to_have_text([QUESTION, ANSWER], timeout=PATIENCE)

        shopper.chat.get_by_role("button", name="转人工").click()
        expect(shopper.chat.locator(".head-state")).to_have_text("已为您转人工，正在排队", timeout=PATIENCE)
        talk = f"/conversations/{office.call('/conversations')['items'][0]['id']}"
        office.call(f"{talk}/take-over", {})
        expect(shopper.chat.locator(".notice").last).to_have_text("沈一舟 已接入，为您服务", timeout=PATIENCE)
        office.call(f"{talk}/messages", {"text": "您好，我是一舟。"})
        expect(shopper.bubbles.last).to_have_text("您好，我是一舟。", timeout=PATIENCE)

        stack.kill("daphne")
        shopper.say("断线时说的话")
        expect(shopper.bubbles.last).to_have_text("断线时说的话", timeout=60_000)
        office.call(f"{talk}/messages", {"text": "收到。"})
        expect(shopper.bubbles.last).to_have_text("收到。", timeout=60_000)
        shown = shopper.bubbles.all_inner_texts()
        assert shown == [QUESTION, ANSWER, "我想找人工客服", "您好，我是一舟。", "断线时说的话", "收到。"]
        shopper.close()
