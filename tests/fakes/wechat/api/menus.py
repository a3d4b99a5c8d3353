"""The menu at the foot of an account's conversation."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from tests.fakes.wechat.api.calls import TENCENT, answer, body_of, caller, ok
from tests.fakes.wechat.errors import Refusal
from tests.fakes.wechat.records import Ability, Account, Json

KEYED = (
    "click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select",
)  # fmt: skip
TOP, SUB = 3, 5
TOP_NAME, SUB_NAME, KEY, URL = 16, 60, 128, 1024


async def create(request: web.Request) -> web.Response:
    account = caller(request, Ability.MENU)
    body = await body_of(request)
    buttons = body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= TOP:
        raise Refusal(40016)
    account.menu = {"button": [_button(each, TOP_NAME) for each in buttons]}
    _tell(request, account)
    return ok()


async def read(request: web.Request) -> web.Response:
    account = caller(request, Ability.MENU)
    if account.menu is None:
        raise Refusal(46003)
    return answer({"menu": account.menu})


async def delete(request: web.Request) -> web.Response:
    account = caller(request, Ability.MENU)
    account.menu = None
    _tell(request, account)
    return ok()


def _button(button: object, longest: int) -> Json:
    if not isinstance(button, dict):
        raise Refusal(47001)
    name = button.get("name")
    if not isinstance(name, str) or not name or len(name.encode()) > longest:
        raise Refusal(40018)
    children = button.get("sub_button") or []
    if children:
        if longest == SUB_NAME or not isinstance(children, list) or len(children) > SUB:
            raise Refusal(40023)
        return {"name": name, "sub_button": [_button(each, SUB_NAME) for each in children]}
    kind = button.get("type")
    if kind == "view":
        url = button.get("url")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")) or len(url.encode()) > URL:
            raise Refusal(40020)
        return {"type": kind, "name": name, "url": url, "sub_button": []}
    if kind not in KEYED:
        raise Refusal(40017)
    key = button.get("key")
    if not isinstance(key, str) or not key or len(key.encode()) > KEY:
        raise Refusal(40019)
    return {"type": kind, "name": name, "key": key, "sub_button": []}


def _tell(request: web.Request, account: Account) -> None:
    request.app[TENCENT].changed(account.app_id, "account", asdict(account))


ROUTES = [
    web.route("*", "/cgi-bin/menu/create", create),
    web.get("/cgi-bin/menu/get", read),
    web.get("/cgi-bin/menu/delete", delete),
]
