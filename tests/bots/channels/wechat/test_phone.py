"""The phone simulator in a real browser: its ways in and out are the callback and the API; a cut of either shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bots.channels.models import Channel
from bots.channels.wechat.menus import publish_menu
from crm.conversations.models import Conversation, Message
from crm.conversations.services import deliver_message, send_bot_message, send_member_message
from guanxi.access import Actor
from tests.bots.channels.web.browsing import chromium
from tests.bots.channels.wechat.conftest import Responder
from tests.bots.channels.wechat.signing import APP_ID
from tests.fakes.wechat import WeChatControl
from tests.fakes.wechat.passive import NOTICE
from tests.fakes.wechat.people import sample_image

pytestmark = [pytest.mark.committed, pytest.mark.browser]
SECONDS = 10_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Playwright keeps an event loop in this thread, which Django would take for asynchronous code."""
    with pytest.MonkeyPatch.context() as patch, chromium() as made:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield made


@pytest.fixture
def phone(browser: Browser, connected: Channel, control: WeChatControl) -> Iterator[Page]:
    """The page of the account's phone, without an error on its console at the end."""
    page = browser.new_page(viewport={"width": 1280, "height": 860}, locale="zh-CN")
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.set_default_timeout(SECONDS)
    page.goto(f"{control.url}/phone/{APP_ID}")
    yield page
    page.close()
    assert faults == []


def write(page: Page, text: str) -> None:
    page.get_by_label("输入消息").fill(text)
    page.keyboard.press("Enter")


def talk(page: Page) -> Conversation:
    """The talk in our books, as soon as it is there."""
    for _ in range(100):
        if found := Conversation.objects.first():
            return found
        page.wait_for_timeout(50)
    raise AssertionError("nothing arrived")


def chat(page: Page, text: str) -> None:
    expect(page.locator("#chat").get_by_text(text).last).to_be_visible(timeout=SECONDS)


def test_a_customer_follows_asks_taps_and_is_answered(
    phone: Page, connected: Channel, responder: Responder, owner: Actor
) -> None:
    publish_menu(actor=owner, channel_id=connected.pk, buttons=[{"name": "价目表", "type": "click", "key": "PRICES"}])
    responder.text = "您好，想了解什么茶？"
    phone.get_by_role("button", name="关注公众号").click()
    chat(phone, "您好，想了解什么茶？")
    responder.text = "明前龙井每斤 680 元"
    write(phone, "龙井多少钱？")
    chat(phone, "明前龙井每斤 680 元")
    conversation = Conversation.objects.get()
    menu = send_bot_message(
        conversation_id=conversation.pk, key="menu", text="还想问：", kind="menu",
        payload={"items": [{"id": "9", "text": "有礼盒吗"}]},
    )  # fmt: skip
    assert menu is not None
    deliver_message(message_id=menu.pk)
    responder.text = "有，十二款"
    phone.get_by_role("button", name="有礼盒吗").click()
    chat(phone, "有，十二款")
    assert Message.objects.filter(direction="in").latest("id").payload == {"menu_item": "9"}
    responder.text = "价目如下"
    phone.locator("#mode").click()
    phone.locator("#menu").get_by_role("button", name="价目表").click()
    chat(phone, "价目如下")
    phone.locator("#drawer details").first.locator("summary").click()
    expect(phone.locator("#drawer").get_by_text("<Encrypt>").first).to_be_visible()


def test_pictures_people_and_the_person_at_the_other_end(
    phone: Page, connected: Channel, owner: Actor, tmp_path: Path
) -> None:
    picture = tmp_path / "tea.png"
    picture.write_bytes(sample_image())
    phone.get_by_role("button", name="关注公众号").click()
    phone.locator("#picture").set_input_files(picture)
    expect(phone.locator("#chat img")).to_be_visible(timeout=SECONDS)
    message = send_member_message(actor=owner, conversation_id=talk(phone).pk, text="您好，我是小王")
    deliver_message(message_id=message.pk)
    chat(phone, "您好，我是小王")
    expect(phone.locator("#quota")).to_contain_text("还可主动发送 4 条")
    phone.get_by_role("button", name="王建国").click()
    expect(phone.get_by_role("button", name="关注公众号")).to_be_visible()
    expect(phone.locator("#chat").get_by_text("我是小王")).to_have_count(0)
    phone.reload()
    phone.get_by_role("button", name="林晓雨").click()
    chat(phone, "您好，我是小王")


def test_a_cut_callback_shows(phone: Page, control: WeChatControl, responder: Responder) -> None:
    phone.get_by_role("button", name="关注公众号").click()
    talk(phone)
    control.change_account(APP_ID, callback_url="http://127.0.0.1:9/wechat")
    responder.text = "在的"
    write(phone, "在吗")
    chat(phone, NOTICE)
    expect(phone.locator("#chat").get_by_text("在的")).to_have_count(0)
    assert Message.objects.filter(direction="in", kind="text").count() == 0


def test_a_cut_api_shows(phone: Page, control: WeChatControl, owner: Actor) -> None:
    phone.get_by_role("button", name="关注公众号").click()
    write(phone, "在吗")
    phone.wait_for_timeout(500)
    control.fault("http", endpoint="*", status=502, times=50)
    message = send_member_message(actor=owner, conversation_id=talk(phone).pk, text="您好")
    assert (deliver_message(message_id=message.pk) or 0) > 0
    expect(phone.locator("#chat").get_by_text("您好")).to_have_count(0)
    control.clear_faults()
    Message.objects.filter(pk=message.pk).update(leased_until=None)
    assert deliver_message(message_id=message.pk) is None
    chat(phone, "您好")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_can_be_read_and_used_by_everybody(
    browser: Browser, connected: Channel, control: WeChatControl, responder: Responder, scheme: str
) -> None:
    responder.text = "明前龙井每斤 680 元，见 https://example.com/tea"
    someone = control.phone(APP_ID)
    someone.follow()
    someone.write("多少钱")
    for path in ("/", f"/mp/{APP_ID}", f"/phone/{APP_ID}"):
        for width in (390, 1280):
            page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(control.url + path)
            page.wait_for_load_state("load")
            page.wait_for_timeout(300)
            found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]}).response["violations"]
            assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.close()
