"""An owner makes fields, lays the page out, and records are written with them; from the settings page to the record."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.e2e.people import PATIENCE, Person, sign_up
from tests.e2e.stack import RunningStack

SLUG = "ziduan"


def make_field(
    page: Page, type_: str, label: str, *, options: tuple[str, ...] = (), switches: tuple[str, ...] = ()
) -> None:
    """Fill the drawer of a new field and keep it."""
    page.get_by_role("button", name="新建字段").first.click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label(re.compile("^类型")).first.click()
    page.get_by_role("option", name=type_, exact=True).click()
    drawer.get_by_label(re.compile("^名称")).first.fill(label)
    for number, option in enumerate(options, 1):
        drawer.get_by_role("button", name="添加选项").click()
        drawer.get_by_label(f"选项 {number}", exact=True).fill(option)
    for switch in switches:
        drawer.get_by_role("switch", name=switch).locator("xpath=..").click()
    drawer.get_by_role("button", name="保存").click()
    expect(drawer).to_be_hidden(timeout=PATIENCE)
    expect(page.get_by_text(label, exact=True).first).to_be_visible()


def test_fields_from_settings_to_record(stack: RunningStack, person: Callable[..., Person]) -> None:
    owner = person()
    sign_up(owner, stack, SLUG)
    page, url = owner.page, stack.workspace_url(SLUG)
    page.goto(f"{url}/settings/fields")
    expect(page.get_by_text("客户还没有自定义字段")).to_be_visible(timeout=PATIENCE)
    make_field(page, "多选", "茶类偏好", options=("绿茶", "红茶"), switches=("可筛选",))
    make_field(page, "单行文本", "税号", switches=("必填", "唯一"))
    owner.call(
        url,
        "/api/v1/custom-fields",
        {"kind": "customer", "type": "auto_number", "label": "客户编号", "config": {"prefix": "KH-", "digits": 4}},
    )
    write_a_customer(page, url)
    lay_out(page, url)
    assert not owner.faults


def write_a_customer(page: Page, url: str) -> None:
    """Make a customer: the required field is asked for where it stands, then the page shows all."""
    page.goto(f"{url}/customers?new=1")
    drawer = page.get_by_role("dialog")
    drawer.get_by_label(re.compile("^名称")).first.fill("杭州西湖茶业有限公司")
    expect(drawer.get_by_text("税号")).to_be_visible()
    drawer.get_by_role("button", name="保存").click()
    expect(drawer.get_by_role("alert")).to_be_visible(timeout=PATIENCE)
    drawer.get_by_label(re.compile("^税号")).fill("91330106MA2")
    drawer.get_by_role("button", name="保存").click()
    expect(page).to_have_url(re.compile(r"/customers/\d+"), timeout=PATIENCE)
    expect(page.get_by_text("KH-0001")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="修改茶类偏好").or_(
        page.get_by_role("button", name=re.compile("茶类偏好"))
    ).first.click()
    page.get_by_role("option", name="红茶").click()
    page.get_by_role("heading", name="杭州西湖茶业有限公司").click()
    expect(page.get_by_label("资料").get_by_text("红茶")).to_be_visible(timeout=PATIENCE)


def drag(row: Locator, target: Locator) -> None:
    """Drag a row as a hand does, and drop it on the target."""
    mouse = row.page.mouse
    row.hover()
    box = row.bounding_box()
    assert box
    mouse.down()
    # The row has to be held before the page scrolls to the target, else whatever then lies under the mouse is taken.
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - 8, steps=4)
    expect(row).to_have_class(re.compile("dragged"))
    target.hover()
    target.hover()  # the first move only enters the target, the second is the first one over it
    expect(target).to_have_class(re.compile("over"))
    mouse.up()


def lay_out(page: Page, url: str) -> None:
    """Move a field to the first place of the first section; the record's page follows."""
    customer = page.url
    page.goto(f"{url}/settings/fields")
    page.get_by_text("页面布局", exact=True).click()
    row = page.locator("li", has_text="客户编号")
    expect(row).to_be_visible(timeout=PATIENCE)
    drag(row, page.locator(".canvas section").first.locator("li").first)
    expect(page.locator(".canvas li").first).to_have_text("客户编号")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("布局已保存")).to_be_visible(timeout=PATIENCE)
    page.goto(customer)
    first = page.get_by_label("资料").locator("dl").first.locator("dt").first
    expect(first).to_have_text("客户编号", timeout=PATIENCE)
