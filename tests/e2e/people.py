"""The people of the story, each with a browser of their own."""

import json
import re
import time
import uuid
from typing import Any

import requests
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.stack import RunningStack

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PASSWORD = "a story to be told 5"
PATIENCE = 30_000
FETCH = """async ([path, method, body]) => {
  const token = (document.cookie.match(/gx_csrf=([^;]+)/) || [])[1] || "";
  const headers = { "X-CSRFToken": token, "Content-Type": "application/json" };
  const answer = await fetch(path, { method, body, headers });
  return { ok: answer.ok, status: answer.status, text: await answer.text() };
}"""


class Person:
    """Somebody at a browser; what the page complains of is kept."""

    def __init__(self, browser: Browser, *, phone: bool = False) -> None:
        self.context: BrowserContext = browser.new_context(
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]
            locale="zh-CN",
            has_touch=phone,
        )
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.frames: list[str] = []
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._keep_frame))

    def _keep_frame(self, frame: str | bytes) -> None:
        self.frames.append(frame if isinstance(frame, str) else frame.decode())

    def heard_live(self, kind: str) -> bool:
        """Return whether an event whose kind begins with `kind` came over the page's socket."""
        return any(f'"{kind}' in frame for frame in self.frames)

    def close(self) -> None:
        """Close the browser window."""
        self.context.close()

    def call(self, url: str, path: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
        """Call the API from inside the page, with its own session; return the JSON."""
        assert self.page.url.startswith(url), f"the page is at {self.page.url}"
        answer = self.page.evaluate(FETCH, [path, method, json.dumps(body) if body is not None else None])
        assert answer["ok"], f"{method} {path}: {answer['status']} {answer['text']}"
        return json.loads(answer["text"]) if answer["text"] else None


def sign_up(person: Person, stack: RunningStack, slug: str) -> None:
    """Fill the form on the start page and arrive in the workspace."""
    page = person.page
    page.goto(stack.base_url)
    page.get_by_text("免费开通").first.click()
    page.locator("input[name=organization]").fill("云栖茶礼有限公司")
    page.locator("input[name=organization]").blur()
    slug_box = page.locator("input[name=subdomain]")
    # The page proposes one from the company's name; the owner wants another.
    expect(slug_box).not_to_have_value("", timeout=PATIENCE)
    slug_box.fill(slug)
    page.locator("input[name=name]").fill("沈一舟")
    page.locator("input[name=email]").fill(f"owner@{slug}.example.com")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_text("我已阅读并同意服务条款和隐私政策").click()
    page.get_by_role("button", name="开通并进入").click()
    page.wait_for_url(f"{stack.workspace_url(slug)}/**")
    expect(page.locator("main h1").first).to_be_visible(timeout=PATIENCE)


def connect_wechat(owner: Person, stack: RunningStack, slug: str) -> str:
    """Connect a played Official Account; return its app id."""
    account = requests.post(f"{stack.fake_url}/_control/accounts", json={"name": "云栖茶礼"}, timeout=10).json()
    url = stack.workspace_url(slug)
    values = {
        "app_id": account["app_id"],
        "app_secret": account["secret"],
        "original_id": account["original_id"],
        "token": account["token"],
        "aes_key": account["aes_key"],
        "encryption": "encrypted",
    }
    owner.call(url, "/api/v1/channels", {"kind": "wechat", "name": "云栖茶礼", "settings": values})
    callback = f"http://127.0.0.1:{stack.web_port}/wechat/{account['app_id']}"
    point_callback(stack, account["app_id"], callback)
    enabled = requests.post(f"{stack.fake_url}/_control/accounts/{account['app_id']}/enable", json={}, timeout=20)
    assert enabled.status_code == 200, enabled.text
    return str(account["app_id"])


def point_callback(stack: RunningStack, app_id: str, callback: str) -> None:
    """Tell the played Tencent where to push to."""
    requests.patch(f"{stack.fake_url}/_control/accounts/{app_id}", json={"callback_url": callback}, timeout=10)


def write_faq(owner: Person, stack: RunningStack, slug: str, question: str, answer: str, similar: list[str]) -> None:
    """Write and publish an answer."""
    body = {"question": question, "answer": answer, "similar": similar, "publish": True}
    owner.call(stack.workspace_url(slug), "/api/v1/knowledge/faqs", body)


def hire_rep(owner: Person, rep: Person, stack: RunningStack, slug: str) -> int:
    """Invite a rep by mail, let the rep accept by the link in the mailbox; return the member's id."""
    url, email = stack.workspace_url(slug), f"rep@{slug}.example.com"
    owner.call(url, "/api/v1/invitations", {"email": email, "name": "方小满", "roles": ["rep"]})
    link = wait_for_link(stack, email, "/join/")
    rep.page.goto(link)
    rep.page.locator("input[type=password]").first.fill(PASSWORD)
    rep.page.locator("button[type=submit]").click()
    rep.page.wait_for_url(lambda address: "/join/" not in address)
    expect(rep.page.locator("main h1").first).to_be_visible(timeout=PATIENCE)
    members = owner.call(url, "/api/v1/members?q=方小满", None, "GET")["items"]
    rules = owner.call(url, "/api/v1/assignment-rules", None, "GET")
    owner.call(url, f"/api/v1/assignment-rules/{rules[0]['id']}", {"member_ids": [members[0]["id"]]}, "PATCH")
    return int(members[0]["id"])


def wait_for_link(stack: RunningStack, email: str, part: str) -> str:
    """Return the first link with `part` in it from somebody's newest mail, once it has come."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for mail in stack.mails_to(email):
            for link in re.findall(r"https?://[^\s\"'<>]+", mail["text"]):
                if part in link:
                    return str(link)
        time.sleep(0.2)
    raise AssertionError(f"no mail to {email} with a link to {part}")


class Customer(Person):
    """A customer at the phone simulator."""

    def __init__(self, browser: Browser, stack: RunningStack, app_id: str) -> None:
        super().__init__(browser, phone=False)
        self.stack, self.app_id = stack, app_id
        self.page.goto(f"{stack.fake_url}/phone/{app_id}")
        nickname = f"客户{uuid.uuid4().hex[:4]}"
        self.page.get_by_placeholder("新客户的昵称").fill(nickname)
        self.page.get_by_role("button", name="添加").click()
        self.page.get_by_text(nickname).first.click()
        self.page.get_by_role("button", name="关注公众号").click()

    def say(self, text: str) -> None:
        """Type a message and send it."""
        box = self.page.get_by_label("输入消息")
        box.fill(text)
        box.press("Enter")

    def hears(self, text: str, timeout: float = PATIENCE) -> None:
        """Wait until the phone shows a text."""
        expect(self.talk.get_by_text(text).last).to_be_visible(timeout=timeout)

    @property
    def talk(self) -> Locator:
        """Return the phone's screen, without what is shown behind the scenes."""
        return self.page.locator("#chat")
