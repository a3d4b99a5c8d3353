"""The pages people look at: the list of accounts, an account's developer settings and the phone."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from aiohttp import web

from tests.fakes.wechat.api.calls import TENCENT
from tests.fakes.wechat.api.templates import BACKGROUND, PUSHER
from tests.fakes.wechat.control import PEOPLE, describe, new_account
from tests.fakes.wechat.errors import Refusal
from tests.fakes.wechat.records import Account, Json, Mode

STATIC = Path(__file__).parent / "static"
SHOWN = 60
HEARTBEAT = 15.0
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; frame-src 'self'; "
        "base-uri 'none'; form-action 'self'"
    ),
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
}


def page(name: str) -> web.FileResponse:
    return web.FileResponse(STATIC / name, headers=PAGE_HEADERS)


async def home(request: web.Request) -> web.StreamResponse:
    return page("accounts.html")


async def developer(request: web.Request) -> web.StreamResponse:
    _account(request)
    return page("developer.html")


async def phone(request: web.Request) -> web.StreamResponse:
    _account(request)
    return page("phone.html")


async def account_list(request: web.Request) -> web.Response:
    tencent = request.app[TENCENT]
    return web.json_response([
        {"app_id": a.app_id, "name": a.name, "kind": a.kind, "mode": a.mode, "enabled": a.enabled,
         "original_id": a.original_id, "followers": sum(f.subscribed for f in tencent.of_account(a.app_id))}
        for a in tencent.accounts.values()
    ])  # fmt: skip


async def register(request: web.Request) -> web.Response:
    """Open a new account, as a company would at Tencent."""
    given = await request.json()
    account = new_account({"name": str(given.get("name", "")).strip(), "kind": given.get("kind")})
    request.app[TENCENT].add_account(account)
    return web.json_response({"app_id": account.app_id}, status=201)


async def read_settings(request: web.Request) -> web.Response:
    return web.json_response(asdict(_account(request)))


async def submit_settings(request: web.Request) -> web.Response:
    """Tencent keeps the settings only when the server answers the check."""
    account, given = _account(request), await request.json()
    before = (account.callback_url, account.token, account.aes_key, account.mode, account.enabled)
    account.callback_url = str(given["callback_url"]).strip()
    account.token = str(given["token"]).strip()
    account.aes_key = str(given["aes_key"]).strip()
    account.mode = Mode(given["mode"])
    passed = len(account.aes_key) == 43 and await request.app[PUSHER].verify(account)
    if not passed:
        why = account.last_check or "EncodingAESKey"
        account.callback_url, account.token, account.aes_key, account.mode, account.enabled = before
        return web.json_response({"enabled": False, "why": why}, status=409)
    return web.json_response({"enabled": True})


async def state(request: web.Request) -> web.Response:
    """All that a phone shows when it is opened."""
    tencent, account = request.app[TENCENT], _account(request)
    mine = [each for each in tencent.bubbles if each.app_id == account.app_id]
    public: Json = {
        "app_id": account.app_id, "name": account.name, "original_id": account.original_id, "kind": account.kind,
        "mode": account.mode, "enabled": account.enabled, "menu": account.menu, "callback_url": account.callback_url,
    }  # fmt: skip
    return web.json_response({
        "account": public,
        "now": tencent.clock.now(),
        "followers": [describe(tencent, each) for each in tencent.of_account(account.app_id)],
        "bubbles": [asdict(each) for each in mine],
        "deliveries": [asdict(each) for each in tencent.deliveries if each.app_id == account.app_id][-SHOWN:],
        "calls": [asdict(each) for each in tencent.calls if each.app_id == account.app_id][-SHOWN:],
        "tickets": [asdict(each) for each in tencent.tickets.values() if each.app_id == account.app_id],
    })  # fmt: skip


async def stream(request: web.Request) -> web.StreamResponse:
    """Every change of the account's state, as server-sent events."""
    account, tencent = _account(request), request.app[TENCENT]
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    with suppress(ConnectionResetError), tencent.listening(account.app_id) as listener:
        await response.write(b": open\n\n")
        while True:
            try:
                change = await asyncio.wait_for(listener.get(), HEARTBEAT)
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            if change["type"] == "follower":
                change["data"] = describe(tencent, tencent.followers[change["data"]["openid"]])
            await response.write(f"data: {json.dumps(change, ensure_ascii=False)}\n\n".encode())
    return response


async def act(request: web.Request) -> web.Response:
    """What the person at the phone does; the result arrives over the stream."""
    account = _account(request)
    openid, action = request.match_info["openid"], request.match_info["action"]
    body = await _body(request)
    try:
        request.app[TENCENT].follower(account.app_id, openid)
        work = request.app[PEOPLE].perform(account.app_id, openid, action, body)
        await request.app[BACKGROUND].attempt(work)
    except Refusal as refusal:
        return web.json_response(refusal.body(), status=409)
    except (KeyError, ValueError, StopIteration) as error:
        return web.json_response({"error": str(error)}, status=400)
    return web.json_response({}, status=202)


async def add_person(request: web.Request) -> web.Response:
    account, tencent = _account(request), request.app[TENCENT]
    nickname = str((await request.json()).get("nickname", "")).strip()[:20]
    if not nickname:
        return web.json_response({"error": "nickname"}, status=400)
    follower = tencent.add_follower(account.app_id, nickname)
    tencent.changed(account.app_id, "follower", asdict(follower))
    return web.json_response({"openid": follower.openid}, status=201)


async def advance(request: web.Request) -> web.Response:
    account, tencent = _account(request), request.app[TENCENT]
    tencent.clock.advance(float((await request.json())["seconds"]))
    tencent.changed(account.app_id, "clock", {"now": tencent.clock.now()})
    return web.json_response({"now": tencent.clock.now()})


async def _body(request: web.Request) -> Json:
    if not request.content_type.startswith("multipart/"):
        return dict(await request.json())
    form = await request.post()
    file = form["file"]
    if not isinstance(file, web.FileField):
        raise web.HTTPBadRequest(text="file")
    return {"file": file.file.read(), "mime": file.content_type, "name": file.filename}


def _account(request: web.Request) -> Account:
    try:
        return request.app[TENCENT].account(request.match_info["app_id"])
    except Refusal as refusal:
        raise web.HTTPNotFound(text="") from refusal


ROUTES = [
    web.get("/", home),
    web.get("/mp/{app_id}", developer),
    web.get("/phone/{app_id}", phone),
    web.get("/pages/accounts", account_list),
    web.post("/pages/accounts", register),
    web.get("/mp/{app_id}/settings", read_settings),
    web.post("/mp/{app_id}/settings", submit_settings),
    web.get("/phone/{app_id}/state", state),
    web.get("/phone/{app_id}/stream", stream),
    web.post("/phone/{app_id}/people", add_person),
    web.post("/phone/{app_id}/clock", advance),
    web.post("/phone/{app_id}/people/{openid}/{action}", act),
    web.static("/static", STATIC),
]
