"""The widget in a real browser, on pages that make its life hard."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection, connections
from playwright.sync_api import Browser, expect
from pytest_django.fixtures import Settings

from bots.assistant.services import answer_message, settings_row
from bots.assistant.services.settings import KEY_FIELD, ROW
from bots.assistant.store import forget_indexes
from crm.conversations.models import Conversation, Message
from crm.conversations.services import deliver_message, send_bot_message, take_over
from crm.leads.models import Lead
from guanxi.access import Actor
from guanxi.events.dispatch import dispatch_event
from guanxi.events.relay import drain
from guanxi.realtime import publish_to_visitor
from guanxi.secrets import seal
from guanxi.tenancy import TenantRef, tenant_scope
from tests.bots.assistant.talks import fill_knowledge
from tests.bots.channels.web.browsing import Shopper, chromium, picture
from tests.bots.channels.web.server import Served
from tests.bots.llm.loopback import Loopback
from tests.fakes.llm import FakeModel
from tests.fakes.site import FakeSite
from tests.people import Team

pytestmark = [pytest.mark.committed, pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start one browser for this module."""
    with pytest.MonkeyPatch.context() as patch:
        # Playwright's loop runs in this thread; the tests themselves are as synchronous as any other.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        # Inside that loop Django sees other connections than outside: those outside must not be open when the database
        # is made anew.
        connections.close_all()
        with chromium() as started:
            yield started


@pytest.fixture
def site(browser: Browser, server: Served, owner: Actor) -> Iterator[FakeSite]:
    """Serve a customer's site that embeds alpha's chat, and only that site may."""
    from bots.channels.services import create_channel

    with FakeSite() as pages:
        values = {"allowed_origins": [pages.origin], "starters": {"zh": ["怎么发货？"]}, "greeting": {"zh": "欢迎光临"}}
        channel = create_channel(actor=owner, kind="web", name="山间茶礼", values=values)
        pages.point_at(script_url=server.script_url, key=channel.key)
        yield pages


@pytest.fixture
def shopper(browser: Browser) -> Iterator[Shopper]:
    """Return somebody at a desktop browser."""
    person = Shopper(browser)
    yield person
    person.close()


def answer(text: str, key: str = "a:1", **more: Any) -> Message:
    """Let the assistant say something, all the way to the visitor's pages."""
    conversation = Conversation.objects.get()
    message = send_bot_message(conversation_id=conversation.pk, key=key, text=text, **more)
    assert message is not None
    deliver_message(message_id=message.pk)
    return message


@pytest.mark.parametrize("page", ["hostile", "strict"])
def test_it_works_on_a_page_that_resets_or_forbids_everything(site: FakeSite, shopper: Shopper, page: str) -> None:
    """Every rule important, every policy closed: the launcher is seen, clicked, and the talk is had."""
    shopper.go(f"{site.url}/{page}")
    box = shopper.launcher.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (52, 52)
    assert box["x"] > 1000
    assert box["y"] > 690
    shopper.open()
    shopper.say("怎么退货？")
    expect(shopper.bubbles).to_have_text(["怎么退货？"])
    assert Message.objects.get().text == "怎么退货？"
    assert shopper.errors == []
    look = shopper.chat.locator(".bubble").first.evaluate(
        "node => [getComputedStyle(node).fontSize, getComputedStyle(node).color]"
    )
    assert look == ["14px", "rgb(23, 32, 30)"]


def test_a_page_that_forbids_frames_gets_the_chat_in_a_tab(site: FakeSite, shopper: Shopper) -> None:
    """Nobody is left without an answer."""
    shopper.go(f"{site.url}/noframe")
    shopper.launcher.hover()
    expect(shopper.page.locator("[data-guanxi] iframe")).to_have_count(0)
    with shopper.context.expect_page() as opened:
        shopper.launcher.click()
    tab = opened.value
    tab.locator("textarea").fill("在新标签页")
    tab.locator("textarea").press("Enter")
    expect(tab.locator("[data-message] .bubble")).to_have_text(["在新标签页"])


def test_another_site_may_not_frame_it(site: FakeSite, shopper: Shopper, server: Served) -> None:
    """The allowed origins hold in the browser, not only in a header."""
    with FakeSite(script_url=site.embed.script_url, key=site.embed.key) as thief:
        shopper.go(f"{thief.url}/plain")
        shopper.launcher.click()
        shopper.page.wait_for_timeout(1500)
        assert shopper.chat.locator("textarea").count() == 0
        assert any("frame-ancestors" in error for error in shopper.errors)


def test_the_talk_lives_on_over_page_loads(site: FakeSite, shopper: Shopper) -> None:
    """Another page of the site, the panel open again, the same talk, one visitor."""
    shopper.go(f"{site.url}/plain").open()
    shopper.chat.get_by_role("button", name="怎么发货？").click()
    expect(shopper.bubbles).to_have_text(["怎么发货？"])
    shopper.page.click("text=下一页")
    expect(shopper.bubbles).to_have_text(["怎么发货？"])
    shopper.say("还在吗")
    expect(shopper.bubbles).to_have_text(["怎么发货？", "还在吗"])
    conversation = Conversation.objects.get()
    assert conversation.attribution["last"]["page"].endswith("/next")


def test_a_single_page_application_cannot_lose_it(site: FakeSite, shopper: Shopper) -> None:
    """The body is replaced and the launcher thrown out: the frame stays, or comes back with the talk."""
    shopper.go(f"{site.url}/spa").open()
    shopper.say("一")
    expect(shopper.bubbles).to_have_text(["一"])
    shopper.page.click("#go")
    expect(shopper.page.locator("h1")).to_have_text("Second step")
    shopper.say("二")
    expect(shopper.bubbles).to_have_text(["一", "二"])
    assert "utm_source=inside" in Conversation.objects.get().attribution["last"]["page"]
    shopper.page.click("#wipe")
    expect(shopper.bubbles).to_have_text(["一", "二"])


def test_embedded_three_times_it_is_there_once(site: FakeSite, shopper: Shopper) -> None:
    """A template and a tag manager both bring it."""
    shopper.go(f"{site.url}/twice")
    shopper.page.wait_for_timeout(300)
    expect(shopper.launcher).to_have_count(1)


def test_the_answer_streams_and_ends_as_the_stored_one(site: FakeSite, shopper: Shopper) -> None:
    """Words show as they come, labelled; the stored message takes their place, with its sources folded."""
    shopper.go(f"{site.url}/plain").open()
    shopper.say("包邮吗")
    expect(shopper.bubbles).to_have_count(1)
    expect(shopper.chat.locator(".head-state")).to_contain_text("AI")
    key = Conversation.objects.get().identity.value
    stream = shopper.chat.locator(".streaming .bubble")
    for text, whole in (("满 ", "满 "), ("99 元", "满 99 元"), ("包邮", "满 99 元包邮")):
        publish_to_visitor(key, {"type": "token", "message_key": "a:1", "text": text})
        expect(stream).to_have_text(whole)
    expect(shopper.chat.locator(".streaming .tag")).to_have_text("AI 生成")
    answer("满 99 元包邮。", generated=True, sources=[{"title": "运费说明", "url": "https://shop.example.cn/freight"}])
    expect(stream).to_have_count(0)
    expect(shopper.bubbles).to_have_text(["包邮吗", "满 99 元包邮。"])
    source = shopper.chat.get_by_role("link", name="运费说明")
    expect(source).to_be_hidden()
    shopper.chat.locator("summary").click()
    expect(source).to_be_visible()


def test_the_models_first_words_show_before_its_last(
    site: FakeSite, shopper: Shopper, owner: Actor, alpha: TenantRef, settings: Settings
) -> None:
    """The whole way: page, assistant, a model over HTTP that holds back its last piece, socket, page."""
    fill_knowledge(owner)
    settings.GUANXI_OUTBOUND_ALLOW = Loopback()
    with FakeModel() as model, configured(model):
        shopper.go(f"{site.url}/plain").open()
        model.hold_last_token()
        shopper.say("绿茶和礼盒")
        expect(shopper.chat.locator(".typing")).to_be_visible()
        asked = Message.objects.get()
        worker = Thread(target=answering, args=(alpha, asked.pk))
        worker.start()
        model.wait_until_held()
        stream = shopper.chat.locator(".streaming .bubble")
        expect(stream).not_to_be_empty()
        assert not Message.objects.filter(direction="out").exists()
        model.release_last_token()
        worker.join(15)
        reply = Message.objects.get(direction="out")
        deliver_message(message_id=reply.pk)
        expect(stream).to_have_count(0)
        expect(shopper.bubbles.last).to_have_text(reply.text)
        expect(shopper.chat.locator("[data-message] .tag")).to_have_text("AI 生成")


@contextmanager
def configured(model: FakeModel) -> Iterator[None]:
    """Let the assistant use the model, and forget its indexes before and after."""
    forget_indexes()
    row = settings_row()
    row.model_enabled, row.model_base_url, row.model_name = True, model.base_url, f"stub-{model.base_url}"
    row.model_key, row.model_timeout_seconds = seal("sk-any", field=KEY_FIELD, row=ROW), 20
    row.save()
    yield
    forget_indexes()


def answering(ref: TenantRef, message_id: int) -> None:
    """Do what the worker does."""
    with tenant_scope(ref):
        answer_message(message_id=message_id)
    connection.close()


def test_a_menu_is_answered_by_a_tap(site: FakeSite, shopper: Shopper) -> None:
    """The choice travels with its id; the menu then folds away."""
    shopper.go(f"{site.url}/plain").open()
    shopper.say("退")
    expect(shopper.bubbles).to_have_count(1)
    answer(
        "您想问的是？", kind="menu", payload={"items": [{"id": 7, "title": "怎么退货"}, {"id": 8, "title": "多久退款"}]}
    )
    shopper.chat.get_by_role("button", name="多久退款").click()
    expect(shopper.bubbles).to_have_text(["退", "您想问的是？", "多久退款"])
    expect(shopper.chat.get_by_role("button", name="怎么退货")).to_have_count(0)
    assert Message.objects.get(text="多久退款").payload["choice"] == "8"


def test_what_is_typed_without_a_network_goes_out_once_it_is_back(site: FakeSite, shopper: Shopper) -> None:
    """Written offline, kept, said so, sent once, in order."""
    shopper.go(f"{site.url}/plain").open()
    shopper.say("一")
    expect(shopper.bubbles).to_have_text(["一"])
    shopper.context.set_offline(True)
    shopper.say("二")
    shopper.say("三")
    expect(shopper.chat.locator(".pending .bubble")).to_have_text(["二", "三"])
    expect(shopper.chat.locator(".pending .foot")).to_have_text(["待发送", "待发送"])
    expect(shopper.chat.locator(".bar")).to_contain_text("网络已断开")
    assert Message.objects.count() == 1
    shopper.context.set_offline(False)
    expect(shopper.bubbles).to_have_text(["一", "二", "三"], timeout=15000)
    expect(shopper.chat.locator(".pending")).to_have_count(0)
    expect(shopper.chat.locator(".bar")).to_have_count(0)
    assert list(Message.objects.order_by("id").values_list("text", flat=True)) == ["一", "二", "三"]


def test_what_could_not_be_sent_survives_the_page(site: FakeSite, shopper: Shopper) -> None:
    """The server is away, the visitor goes on to the next page, and nothing is lost."""
    shopper.go(f"{site.url}/plain").open()
    shopper.context.route("**/api/widget/v1/messages", lambda route: route.abort())
    shopper.say("记得我")
    expect(shopper.chat.locator(".pending .bubble")).to_have_text(["记得我"])
    shopper.page.click("text=下一页")
    expect(shopper.chat.locator(".pending .bubble")).to_have_text(["记得我"])
    shopper.context.unroute("**/api/widget/v1/messages")
    expect(shopper.bubbles).to_have_text(["记得我"], timeout=15000)
    assert Message.objects.count() == 1


def test_an_answer_to_a_closed_chat_is_counted(site: FakeSite, shopper: Shopper) -> None:
    """The badge on the launcher, also on the next page; opening clears it."""
    shopper.go(f"{site.url}/plain").open()
    shopper.say("在吗")
    expect(shopper.bubbles).to_have_count(1)
    shopper.chat.get_by_role("button", name="收起").click()
    expect(shopper.launcher).to_have_attribute("aria-expanded", "false")
    answer("在的，请讲。")
    expect(shopper.launcher).to_have_attribute("aria-label", "打开在线咨询，1 条未读消息")
    shopper.page.click("text=下一页")
    expect(shopper.launcher).to_have_attribute("aria-label", "打开在线咨询，1 条未读消息")
    shopper.open()
    expect(shopper.bubbles.last).to_have_text("在的，请讲。")
    shopper.launcher.click()
    expect(shopper.launcher).to_have_attribute("aria-label", "打开在线咨询")


def test_a_person_takes_over_before_the_visitors_eyes(site: FakeSite, shopper: Shopper, team: Team) -> None:
    """Asked for, queued, joined: each is said in the talk and in the head."""
    shopper.go(f"{site.url}/plain").open()
    shopper.chat.get_by_role("button", name="转人工").click()
    expect(shopper.chat.locator(".head-state")).to_have_text("已为您转人工，正在排队")
    expect(shopper.chat.get_by_role("button", name="转人工")).to_have_count(0)
    take_over(actor=team["agent"], conversation_id=Conversation.objects.get().pk)
    drain(dispatch_event)
    expect(shopper.chat.locator(".head-state")).to_have_text("Agent 为您服务")
    expect(shopper.chat.locator(".notice").last).to_have_text("Agent 已接入，为您服务")


def test_a_contact_is_left_with_consent(site: FakeSite, shopper: Shopper) -> None:
    """The form says what is missing, and a lead is there at the end."""
    shopper.go(f"{site.url}/plain").open()
    shopper.say("想订礼盒")
    expect(shopper.bubbles).to_have_count(1)
    answer("方便留个联系方式吗？", payload={"asks": "contact"})
    shopper.chat.get_by_role("button", name="提交").click()
    expect(shopper.chat.locator("#gx-phone-error")).to_have_text("请填写正确的手机号或电话号码")
    shopper.chat.get_by_label("称呼").fill("李雷")
    shopper.chat.get_by_label("手机号").fill("138 0013 8000")
    shopper.chat.get_by_role("checkbox").check()
    shopper.chat.get_by_role("button", name="提交").click()
    expect(shopper.chat.locator(".card.done")).to_be_visible()
    assert Lead.objects.get().phone == "13800138000"


def test_a_picture_is_sent_and_seen(site: FakeSite, shopper: Shopper, tmp_path: Path) -> None:
    """Chosen, uploaded, shown from the server."""
    shopper.go(f"{site.url}/plain").open()
    shopper.chat.locator("input[type=file]").set_input_files(picture(tmp_path))
    image = shopper.chat.locator("[data-message] img")
    expect(image).to_be_visible()
    shopper.page.wait_for_timeout(300)
    assert image.evaluate("node => node.naturalWidth") == 40
    assert Message.objects.get().kind == "image"


def test_where_the_frame_has_no_storage_the_page_keeps_the_visitor(
    site: FakeSite, shopper: Shopper, server: Served
) -> None:
    """Browsers that block storage of frames: the talk lives on all the same."""
    shopper.page.add_init_script(
        f"if (location.origin === '{server.url}') Object.defineProperty(window, 'localStorage', "
        "{ get() { throw new DOMException('denied', 'SecurityError'); } });"
    )
    shopper.go(f"{site.url}/plain").open()
    shopper.say("没有存储")
    expect(shopper.bubbles).to_have_text(["没有存储"])
    shopper.page.click("text=下一页")
    expect(shopper.bubbles).to_have_text(["没有存储"])
    assert Conversation.objects.count() == 1


def test_on_a_phone_it_fills_the_screen_and_gives_the_page_back(site: FakeSite, browser: Browser) -> None:
    """No sideways scrolling, the page behind stands still, closing gives it back."""
    shopper = Shopper(browser, phone=True, language="en")
    shopper.go(f"{site.url}/plain?lang=en").open()
    frame = shopper.page.locator("[data-guanxi] iframe").bounding_box()
    assert frame == {"x": 0, "y": 0, "width": 390, "height": 760}
    expect(shopper.launcher).to_be_hidden()
    assert shopper.page.evaluate("document.documentElement.style.overflow") == "hidden"
    assert shopper.chat.locator("html").evaluate("node => node.scrollWidth") <= 390
    shopper.say("averyveryverylongwordthatdoesnotbreakanywhereatallanditisstillgoingonandonandonandon")
    expect(shopper.bubbles).to_have_count(1)
    assert shopper.chat.locator(".list").evaluate("node => node.scrollWidth - node.clientWidth") == 0
    shopper.chat.get_by_role("button", name="Close").click()
    expect(shopper.launcher).to_be_visible()
    assert shopper.page.evaluate("document.documentElement.style.overflow") == ""
    shopper.close()


@pytest.mark.parametrize("dark", [False, True])
def test_everybody_can_read_and_reach_it(site: FakeSite, browser: Browser, server: Served, dark: bool) -> None:
    """Axe finds nothing, in light and dark; the keyboard opens, closes and comes back to the launcher."""
    shopper = Shopper(browser, dark=dark)
    shopper.go(f"{site.url}/plain").open()
    shopper.say("无障碍")
    expect(shopper.bubbles).to_have_count(1)
    answer(
        "请看来源",
        generated=True,
        sources=[{"title": "说明", "url": "https://shop.example.cn"}],
        payload={"asks": "contact"},
    )
    expect(shopper.chat.locator(".card")).to_be_visible()
    shopper.page.keyboard.press("Escape")
    expect(shopper.launcher).to_be_focused()
    shopper.page.keyboard.press("Enter")
    expect(shopper.launcher).to_have_attribute("aria-expanded", "true")
    shopper.page.goto(f"{server.url}/widget/{site.embed.key}?lang=zh-CN")
    shopper.page.locator(".list").wait_for()
    results = Axe().run(shopper.page)
    assert results.violations_count == 0, results.generate_report()
    shopper.close()
