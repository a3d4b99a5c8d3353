"""An owner takes a table of customers in, with errors in it, takes it back, and takes the list out."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.people import PATIENCE, Person, sign_up
from tests.e2e.stack import RunningStack

SLUG = "daoru"
TABLE = """客户名称,电话,城市,联系人,联系人手机,负责人
杭州西湖茶业,0571-88886666,杭州,李明,13800001234,
苏州锦程酒店,0512-66668888,苏州,,,
坏电话公司,1.38E+10,上海,,,谁也不是
,0571-88880000,杭州,,,
"""
# A folder for pictures, when somebody wants to look.
PICTURES = os.environ.get("GUANXI_PICTURES")


def _picture(person: Person, name: str) -> None:
    if PICTURES:
        person.page.wait_for_timeout(400)
        person.page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


def test_a_table_comes_in_goes_back_and_comes_out(stack: RunningStack, person: Callable[..., Person]) -> None:
    owner = person()
    sign_up(owner, stack, SLUG)
    page, url = owner.page, stack.workspace_url(SLUG)
    page.goto(f"{url}/customers")
    page.get_by_role("button", name="更多", exact=True).first.click()
    page.get_by_role("menuitem", name="导入", exact=True).click()
    expect(page.get_by_text("选择文件，或拖到这里")).to_be_visible(timeout=PATIENCE)
    _picture(owner, "import-1-file")
    table = {"name": "客户.csv", "mimeType": "text/csv", "buffer": TABLE.encode("gb18030")}
    page.locator("input[type=file]").set_input_files(table)  # type: ignore[arg-type]
    expect(page.get_by_text("6 列里有 6 列会写入")).to_be_visible(timeout=PATIENCE)
    _picture(owner, "import-2-columns")
    page.get_by_role("button", name="检查全部行").click()
    expect(page.get_by_text("4 行里有 2 行有错误")).to_be_visible(timeout=PATIENCE)
    _picture(owner, "import-3-check")
    page.set_viewport_size({"width": 390, "height": 844})
    _picture(owner, "import-3-check-phone")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="写入 2 条").click()
    expect(page.get_by_text("已完成")).to_be_visible(timeout=PATIENCE)
    _picture(owner, "import-4-result")
    page.goto(f"{url}/customers")
    expect(page.get_by_text("杭州西湖茶业").first).to_be_visible(timeout=PATIENCE)

    page.get_by_role("button", name="更多", exact=True).first.click()
    page.get_by_role("menuitem", name="导出", exact=True).click()
    _picture(owner, "export-1")
    page.get_by_role("button", name="导出", exact=True).click()
    expect(page.get_by_text("已导出 2 行")).to_be_visible(timeout=PATIENCE)
    _picture(owner, "export-2")
    page.get_by_role("button", name="关闭", exact=True).last.click()

    page.goto(f"{url}/settings/data")
    page.get_by_role("link", name=re.compile("客户.csv")).click()
    page.get_by_role("button", name="撤销这次导入").click()
    page.get_by_role("dialog").get_by_role("button", name="撤销这次导入").click()
    expect(page.get_by_text("已撤销")).to_be_visible(timeout=PATIENCE)
    _picture(owner, "import-5-undone")
    page.goto(f"{url}/settings/data")
    _picture(owner, "data")
    page.set_viewport_size({"width": 390, "height": 844})
    _picture(owner, "data-phone")
