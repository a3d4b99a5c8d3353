"""What every call has in common: method, token, JSON, faults, the error answer and the trace."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict

from aiohttp import web

from tests.fakes.wechat.errors import Refusal
from tests.fakes.wechat.faults import Fault, FaultKind
from tests.fakes.wechat.records import Ability, Account, Call, Json
from tests.fakes.wechat.tencent import Tencent

TENCENT = web.AppKey("tencent", Tencent)
APP_ID = web.RequestKey("app_id", str)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)\\u")


def ok(**more: object) -> web.Response:
    return answer({"errcode": 0, "errmsg": "ok", **more})


def answer(body: Json) -> web.Response:
    return web.Response(text=json.dumps(body, ensure_ascii=False), content_type="application/json", charset="UTF-8")


def caller(request: web.Request, ability: Ability | None = None) -> Account:
    """The account that the token in the query speaks for."""
    tencent = request.app[TENCENT]
    account = tencent.account(tencent.desk.owner(request.query.get("access_token", ""), tencent.clock.now()))
    request[APP_ID] = account.app_id
    if ability is not None and not account.can(ability):
        raise Refusal(48001)
    return account


async def body_of(request: web.Request) -> Json:
    """The JSON body.

    Escapes such as \\u4f60 stay as they are written: Tencent shows them to the customer letter by letter.
    """
    if request.method != "POST":
        raise Refusal(43002)
    raw = await request.read()
    if not raw.strip():
        raise Refusal(44002)
    try:
        text = raw.decode()
        data = json.loads(ESCAPED.sub(r"\1\\\\u", text))
    except ValueError as error:
        raise Refusal(47001, hint=type(error).__name__) from error
    if not isinstance(data, dict):
        raise Refusal(47001)
    return data


@web.middleware
async def speak_tencent(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer refusals as Tencent does, apply ordered faults and keep a trace of the call."""
    if not request.path.startswith("/cgi-bin/"):
        return await handler(request)
    tencent = request.app[TENCENT]
    endpoint = request.path.removeprefix("/cgi-bin/")
    fault = tencent.faults.take(endpoint, _app_of(request, tencent))
    if fault is not None and not fault.kind.startswith("commit"):
        response: web.StreamResponse = await _failing(request, fault)
    else:
        try:
            response = await handler(request)
        except Refusal as refusal:
            response = answer(dict(refusal.body()))
    await _trace(request, endpoint, response)
    if fault is not None and fault.kind is FaultKind.COMMIT_THEN_HANG:
        await asyncio.sleep(fault.seconds)
    if fault is not None and fault.kind is FaultKind.COMMIT_THEN_DROP:
        _drop(request)
    return response


async def _failing(request: web.Request, fault: Fault) -> web.Response:
    if fault.kind is FaultKind.ERRCODE:
        return answer(dict(Refusal(fault.errcode, ip=request.remote or "").body()))
    if fault.kind is FaultKind.HTTP:
        return web.Response(status=fault.status, text="<html><body>Bad Gateway</body></html>", content_type="text/html")
    if fault.kind is FaultKind.GARBAGE:
        return web.Response(text="<html><body>系统繁忙</body></html>", content_type="text/html")
    if fault.kind is FaultKind.HANG:
        await asyncio.sleep(fault.seconds)
    _drop(request)
    return web.Response(status=504)


def _drop(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _app_of(request: web.Request, tencent: Tencent) -> str:
    """Whose call it is, without judging it; empty where nobody can tell."""
    try:
        return tencent.desk.owner(request.query.get("access_token", ""), 0)
    except Refusal:
        return request.query.get("appid", "")


async def _trace(request: web.Request, endpoint: str, response: web.StreamResponse) -> None:
    tencent = request.app[TENCENT]
    text = (response.text or "") if isinstance(response, web.Response) and "json" in response.content_type else ""
    try:
        errcode = int(json.loads(text).get("errcode", 0)) if text else 0
    except ValueError:
        errcode = 0
    is_text = not request.content_type.startswith("multipart/")
    sent = (await request.read())[:4000].decode("utf-8", "replace") if is_text else ""
    call = Call(
        id=tencent.next_id(), app_id=request.get(APP_ID, ""), endpoint=f"{request.method} {endpoint}",
        at=tencent.clock.now(), errcode=errcode, request=_without_secret(sent), answer=_without_secret(text)[:4000],
    )  # fmt: skip
    tencent.calls.append(call)
    if call.app_id:
        tencent.changed(call.app_id, "call", asdict(call))


def _without_secret(text: str) -> str:
    return re.sub(r'("(?:secret|access_token)":\s*")[^"]+', r"\1…", text)
