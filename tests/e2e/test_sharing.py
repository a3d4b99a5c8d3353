"""An owner makes a role that masks phones and a team, shares a customer, and sees who can see it and who stands in."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.people import PATIENCE, Person, sign_up
from tests.e2e.stack import RunningStack

SLUG = "gongxiang"


def test_roles_shares_and_stand_ins(stack: RunningStack, person: Callable[..., Person]) -> None:
    owner = person()
    sign_up(owner, stack, SLUG)
    page, url = owner.page, stack.workspace_url(SLUG)
    make_a_role(page, url)
    make_a_team(page, url)
    share_a_customer(owner, url)
    expect(page.get_by_text("没有代理安排")).to_be_hidden()
    page.goto(f"{url}/settings/delegations")
    expect(page.get_by_text("没有代理安排")).to_be_visible(timeout=PATIENCE)
    assert not owner.faults


def make_a_role(page: Page, url: str) -> None:
    """Copy the rep's role, mask phones, and see that the page says what differs."""
    page.goto(f"{url}/settings/roles")
    expect(page.get_by_role("link", name=re.compile(r"^销售\s*内置"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="新建角色").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(re.compile("^名称")).first.fill("外勤")
    dialog.get_by_label("参照").first.click(force=True)
    page.get_by_role("option", name="销售", exact=True).click()
    dialog.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="外勤")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("radio", name="字段").click()
    page.get_by_label("客户 电话").first.click(force=True)
    page.get_by_role("option", name="脱敏", exact=True).click()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("有未保存的修改")).to_be_hidden(timeout=PATIENCE)
    page.get_by_role("radio", name="成员与效果").click()
    expect(page.get_by_text("还没有人使用这个角色")).to_be_visible(timeout=PATIENCE)


def make_a_team(page: Page, url: str) -> None:
    """Make a team of oneself."""
    page.goto(f"{url}/settings/teams")
    page.get_by_role("button", name="新建团队").first.click(timeout=PATIENCE)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(re.compile("^名称")).first.fill("礼盒项目组")
    dialog.get_by_role("button", name="保存").click()
    expect(page.get_by_text("礼盒项目组", exact=True)).to_be_visible(timeout=PATIENCE)


def share_a_customer(owner: Person, url: str) -> None:
    """Share a customer with the team, and see who can see it."""
    page = owner.page
    made = owner.call(url, "/api/v1/customers", {"name": "杭州西湖茶业有限公司", "phone": "13812340000"})
    page.goto(f"{url}/customers/{made['id']}")
    page.get_by_role("button", name="共享", exact=True).click(timeout=PATIENCE)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(re.compile("^共享给")).first.click(force=True)
    page.get_by_role("option", name=re.compile("礼盒项目组")).click()
    dialog.get_by_role("button", name="共享", exact=True).click()
    expect(page.get_by_text("礼盒项目组", exact=True)).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="谁能看").click()
    expect(page.get_by_text("共 1 位同事能看到")).to_be_visible(timeout=PATIENCE)
