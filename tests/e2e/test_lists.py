"""A seller filters, changes a cell, edits many customers at once and takes it back."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import expect

from tests.e2e.people import PATIENCE, PHONE, Person, sign_up
from tests.e2e.stack import RunningStack

SLUG = "liebiao"
CITIES = ["杭州", "上海", "苏州"]
# A folder for pictures, when somebody wants to look.
PICTURES = os.environ.get("GUANXI_PICTURES")


def _picture(person: Person, name: str) -> None:
    if PICTURES:
        person.page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


def test_lists_from_filter_to_undo(stack: RunningStack, person: Callable[..., Person]) -> None:
    owner = person()
    sign_up(owner, stack, SLUG)
    page, url = owner.page, stack.workspace_url(SLUG)
    for number in range(12):
        body = {
            "name": f"盛世茶业{number}号店",
            "city": CITIES[number % 3],
            "level": "ABC"[number % 3],
            "tags": ["老客户"],
        }
        owner.call(url, "/api/v1/customers", body)
    asked = json.dumps([{"field": "city", "op": "eq", "value": "杭州"}])
    page.goto(f"{url}/customers?view=all&filter={quote(asked)}")
    expect(page.get_by_text("共 4 条")).to_be_visible(timeout=PATIENCE)
    _picture(owner, "filtered")
    page.get_by_role("button", name="筛选", exact=True).click()
    expect(page.get_by_role("menuitem", name="创建时间")).to_be_visible()
    _picture(owner, "fields")
    page.get_by_role("menuitem", name="级别").click()
    _picture(owner, "condition")
    page.keyboard.press("Escape")

    # A cell is changed where it stands.
    row = page.get_by_role("row").filter(has_text="盛世茶业0号店")
    row.locator('[data-column="4"]').click()
    editor = row.locator(".editor input")
    editor.fill("宁波")
    _picture(owner, "cell")
    editor.press("Enter")
    expect(page.get_by_text("共 3 条")).to_be_visible(timeout=PATIENCE)

    # All that are shown get a tag, and lose it again.
    page.goto(f"{url}/customers?view=all&q=shengshi")
    expect(page.get_by_text("共 12 条")).to_be_visible(timeout=PATIENCE)
    page.locator(".head .gx-checkbox").first.click()
    bar = page.get_by_role("toolbar")
    expect(bar).to_be_visible()
    _picture(owner, "bulk")
    bar.get_by_role("button", name="归档").click()
    expect(page.get_by_text(re.compile("已修改 12 条"))).to_be_visible(timeout=PATIENCE)
    _picture(owner, "done")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text(re.compile("已撤销 12 条"))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("共 12 条")).to_be_visible(timeout=PATIENCE)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    _picture(owner, "phone")
    assert not owner.faults
