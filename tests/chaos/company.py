"""A company set up over HTTP alone, and what it holds in the end."""

import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import requests

from tests.e2e.stack import RunningStack

ANSWER = "可以，烫金和丝印都支持，100 盒起做。"


class Company:
    """A workspace with a played Official Account, one answer, and an owner who is also the rep."""

    def __init__(self, stack: RunningStack) -> None:
        self.stack, self.slug = stack, f"c{uuid.uuid4().hex[:8]}"
        self.http = requests.Session()
        self.here = f"http://127.0.0.1:{stack.web_port}"
        self.host = f"{self.slug}.localhost:{stack.web_port}"
        self._sign_up()
        self.app_id = self._connect()
        faq = {"question": "礼盒可以印公司 logo 吗？", "answer": ANSWER, "similar": ["能印logo吗"], "publish": True}
        self.call("POST", "/api/v1/knowledge/faqs", faq)

    def _sign_up(self) -> None:
        form = {
            "key": str(uuid.uuid4()),
            "company": "茶",
            "slug": self.slug,
            "name": "沈一舟",
            "email": f"owner@{self.slug}.example.com",
            "phone": "",
            "password": "a story to be told 5",
            "plan": "trial",
            "locale": "zh-CN",
            "accepts_terms": True,
        }
        answer = requests.post(f"{self.here}/api/base/v1/signups", json=form, timeout=60).json()
        while answer["state"] != "ready":
            time.sleep(0.5)
            answer = requests.get(f"{self.here}/api/base/v1/signups/{answer['id']}", timeout=30).json()
        token = answer["hand_over_url"].rpartition("/")[2]
        self.http.get(f"{self.here}/hand-over/{token}", headers={"Host": self.host}, timeout=30, allow_redirects=False)
        self.http.get(f"{self.here}/", headers={"Host": self.host}, timeout=30)

    def _connect(self) -> str:
        fake = self.stack.fake_url
        account = requests.post(f"{fake}/_control/accounts", json={"name": "茶"}, timeout=10).json()
        values = {
            "app_id": account["app_id"],
            "app_secret": account["secret"],
            "original_id": account["original_id"],
            "token": account["token"],
            "aes_key": account["aes_key"],
            "encryption": "encrypted",
        }
        self.call("POST", "/api/v1/channels", {"kind": "wechat", "name": "茶", "settings": values})
        app_id = str(account["app_id"])
        callback = {"callback_url": f"{self.here}/wechat/{app_id}"}
        requests.patch(f"{fake}/_control/accounts/{app_id}", json=callback, timeout=10)
        enabled = requests.post(f"{fake}/_control/accounts/{app_id}/enable", json={}, timeout=30)
        assert enabled.status_code == 200, enabled.text
        return app_id

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the API in the owner's session; wait for a web process that has just been killed."""
        for _ in range(60):
            headers = {"Host": self.host, "X-CSRFToken": self.http.cookies.get("gx_csrf", "")}
            headers["Origin"] = f"http://{self.host}"
            try:
                answer = self.http.request(method, f"{self.here}{path}", json=body, headers=headers, timeout=30)
            except requests.ConnectionError:
                time.sleep(0.5)
                continue
            if answer.status_code >= 500:
                time.sleep(0.5)
                continue
            assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
            return answer.json() if answer.text else None
        raise AssertionError(f"{method} {path}: no answer")

    def all(self, path: str) -> list[dict[str, Any]]:
        """Return every row of a list."""
        rows: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.call("GET", f"{path}{'&' if '?' in path else '?'}limit=100{cursor}")
            rows += page["items"]
            if not page["next"]:
                return rows
            cursor = f"&cursor={page['next']}"

    def follower(self, number: int) -> str:
        """Make a customer who follows the account; return the openid."""
        made = requests.post(
            f"{self.stack.fake_url}/_control/accounts/{self.app_id}/followers",
            json={"nickname": f"customer {number}", "subscribed": True},
            timeout=10,
        ).json()
        return str(made["openid"])

    def say(self, openid: str, text: str) -> None:
        """Let a customer write; Tencent pushes, and pushes again what is not answered in time."""
        requests.post(
            f"{self.stack.fake_url}/_control/accounts/{self.app_id}/followers/{openid}/do/text",
            json={"content": text, "wait": False},
            timeout=10,
        ).raise_for_status()


def doubles(values: list[Any]) -> list[Any]:
    """Return the values that come more than once."""
    return [value for value, number in Counter(values).items() if number > 1]


def settle(look: Callable[[], bool], what: str, seconds: float = 240) -> None:
    """Wait until everything has come to rest as it should."""
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, f"never settled: {what}"
        time.sleep(0.5)
