"""The walking story: a company signs up, a customer asks in WeChat, a lead is caught, and the rep sees it live."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Customer, Person, connect_wechat, hire_rep, point_callback, sign_up, write_faq
from tests.e2e.stack import RunningStack

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION, ANSWER = "礼盒可以印公司 logo 吗？", "可以，烫金和丝印都支持，100 盒起做。"
CONTACT = "我是西溪科技的李工，电话 13812345678，想做 200 盒中秋礼盒"
People = Callable[..., Person]
Customers = Callable[[str], Customer]


class Company:
    """A company that has just signed up, with its account, one answer and one rep."""

    def __init__(self, stack: RunningStack, person: People, *, phone: bool = False) -> None:
        self.stack, self.slug = stack, f"s{uuid.uuid4().hex[:8]}"
        self.url = stack.workspace_url(self.slug)
        self.owner, self.rep = person(phone=phone), person(phone=phone)
        sign_up(self.owner, stack, self.slug)
        self.app_id = connect_wechat(self.owner, stack, self.slug)
        write_faq(self.owner, stack, self.slug, QUESTION, ANSWER, ["能印logo吗", "可以加我们公司的标志吗"])
        hire_rep(self.owner, self.rep, stack, self.slug)

    def bell(self) -> str:
        """Return what the rep's bell says."""
        return self.rep.page.get_by_role("button", name=re.compile("通知")).first.inner_text()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_from_sign_up_to_the_reps_bell(stack: RunningStack, person: People, customer: Customers, phone: bool) -> None:
    company = Company(stack, person, phone=phone)
    buyer = customer(company.app_id)
    buyer.say("你们礼盒能印logo吗")
    buyer.hears(ANSWER)
    buyer.say(CONTACT)
    buyer.hears("已记下您的联系方式")
    # Without a reload: the bell rings where the rep stands, and the lead is the rep's.
    expect(company.rep.page.get_by_role("button", name=re.compile("通知")).first).to_contain_text("1")
    leads = company.rep.call(company.url, "/api/v1/leads?phone=13812345678", None, "GET")["items"]
    assert [(lead["phone"], lead["owner"]["name"], lead["source"]) for lead in leads] == [
        ("13812345678", "方小满", "wechat")
    ]
    company.rep.page.goto(f"{company.url}/leads")
    expect(company.rep.page.get_by_text("138 1234 5678").first).to_be_visible()
    assert company.rep.faults == []


def test_a_person_takes_over_and_the_bot_is_silent(stack: RunningStack, person: People, customer: Customers) -> None:
    company = Company(stack, person)
    buyer = customer(company.app_id)
    buyer.say("转人工")
    owner = company.owner
    owner.page.goto(f"{company.url}/inbox")
    queue: list[dict[str, Any]] = []
    for _ in range(60):
        queue = owner.call(company.url, "/api/v1/conversations?view=unassigned", None, "GET")["items"]
        if queue:
            break
        owner.page.wait_for_timeout(500)
    assert len(queue) == 1
    talk = f"/api/v1/conversations/{queue[0]['id']}"
    owner.call(company.url, f"{talk}/take-over", {})
    owner.call(company.url, f"{talk}/messages", {"text": "您好，我是沈一舟，请讲。", "key": "first"})
    buyer.hears("您好，我是沈一舟，请讲。")
    buyer.say("能印logo吗")
    buyer.page.wait_for_timeout(2500)
    assert buyer.talk.get_by_text(ANSWER).count() == 0
    owner.call(company.url, f"{talk}/hand-back", {})
    buyer.say("能印logo吗")
    buyer.hears(ANSWER)


@pytest.mark.parametrize("link", ["callback", "relay", "worker"])
def test_the_story_breaks_where_a_link_is_cut(
    stack: RunningStack, person: People, customer: Customers, link: str
) -> None:
    """What the story shows comes over these links and no other way."""
    company = Company(stack, person)
    buyer = customer(company.app_id)
    buyer.say("能印logo吗")
    buyer.hears(ANSWER)
    bell = company.rep.page.get_by_role("button", name=re.compile("通知")).first
    if link == "callback":
        point_callback(stack, company.app_id, "http://127.0.0.1:9/nobody")
        buyer.say(CONTACT)
        buyer.page.wait_for_timeout(4000)
        assert company.rep.call(company.url, "/api/v1/leads", None, "GET")["items"] == []
        return
    frozen = stack.freeze("relay") if link == "relay" else stack.freeze("celery", "worker")
    try:
        buyer.say(CONTACT)
        buyer.page.wait_for_timeout(4000)
        # The page may ask by itself, after a socket that was cut; what must not come is the event.
        heard = [frame for frame in company.rep.frames if '"notification.' in frame]
        assert heard == [], company.rep.call(company.url, "/api/v1/notifications", None, "GET")["items"]
    finally:
        stack.thaw(frozen)
    expect(bell).to_contain_text("1")
    for _ in range(60):
        if company.rep.heard_live("notification."):
            return
        company.rep.page.wait_for_timeout(500)
    raise AssertionError("the event of the notification never came over the socket")
