"""The tests' handle on the fake: JSON under /_control, from this machine only."""

from __future__ import annotations

import ipaddress
import secrets
import string
from collections.abc import Awaitable, Callable
from dataclasses import asdict

from aiohttp import web

from tests.fakes.wechat.api.calls import TENCENT
from tests.fakes.wechat.api.templates import BACKGROUND, PUSHER
from tests.fakes.wechat.errors import Refusal
from tests.fakes.wechat.faults import Fault, FaultKind
from tests.fakes.wechat.people import People
from tests.fakes.wechat.quota import open_until, remaining
from tests.fakes.wechat.records import Account, AccountKind, Follower, Json, Mode
from tests.fakes.wechat.tencent import PERSONAS, Tencent

PEOPLE = web.AppKey("people", People)
CHANGEABLE = (
    "secret", "name", "token", "aes_key", "callback_url", "allowed_ips", "open_platform", "bytes_in_text",
)  # fmt: skip

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.path.startswith("/_control/"):
        if not ipaddress.ip_address(request.remote or "0.0.0.0").is_loopback:
            raise web.HTTPForbidden(text="")
        try:
            return await handler(request)
        except Refusal as refusal:
            return web.json_response(refusal.body(), status=409)
        except (KeyError, ValueError, StopIteration) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
    return await handler(request)


def new_account(given: Json) -> Account:
    """An account with everything that was not given made up, as Tencent would hand it out."""
    letters = string.ascii_letters + string.digits
    return Account(
        app_id=str(given.get("app_id") or "wx" + secrets.token_hex(8)),
        secret=str(given.get("secret") or secrets.token_hex(16)),
        original_id=str(given.get("original_id") or "gh_" + secrets.token_hex(6)),
        name=str(given.get("name") or "测试公众号"),
        kind=AccountKind(given.get("kind") or AccountKind.VERIFIED_SERVICE),
        token=str(given.get("token") or secrets.token_hex(8)),
        aes_key=str(given.get("aes_key") or "".join(secrets.choice(letters) for _ in range(42)) + "A"),
        mode=Mode(given.get("mode") or Mode.ENCRYPTED),
        callback_url=str(given.get("callback_url") or ""),
        allowed_ips=list(given.get("allowed_ips") or []),
        open_platform=str(given.get("open_platform") or ""),
    )


def describe(tencent: Tencent, follower: Follower) -> Json:
    now = tencent.clock.now()
    return {
        **asdict(follower),
        "remaining": remaining(follower.grants, now),
        "open_until": open_until(follower.grants, now),
        "typing": follower.typing_until > now,
    }


async def create_account(request: web.Request) -> web.Response:
    given = await request.json()
    account = new_account(given)
    request.app[TENCENT].add_account(account, given.get("personas") or PERSONAS)
    return web.json_response(asdict(account), status=201)


async def list_accounts(request: web.Request) -> web.Response:
    return web.json_response([asdict(each) for each in request.app[TENCENT].accounts.values()])


async def change_account(request: web.Request) -> web.Response:
    account = _account(request)
    given = await request.json()
    for name in CHANGEABLE:
        if name in given:
            setattr(account, name, given[name])
    if "kind" in given:
        account.kind = AccountKind(given["kind"])
    if "mode" in given:
        account.mode = Mode(given["mode"])
    if "secret" in given:
        request.app[TENCENT].desk.revoke(account.app_id)
    request.app[TENCENT].changed(account.app_id, "account", asdict(account))
    return web.json_response(asdict(account))


async def enable_account(request: web.Request) -> web.Response:
    """The developer page's submit: only a server that answers the check is enabled."""
    account = _account(request)
    passed = await request.app[PUSHER].verify(account)
    return web.json_response({"enabled": passed, "why": account.last_check}, status=200 if passed else 409)


async def revoke_tokens(request: web.Request) -> web.Response:
    request.app[TENCENT].desk.revoke(_account(request).app_id)
    return web.json_response({})


async def add_follower(request: web.Request) -> web.Response:
    given = await request.json()
    tencent = request.app[TENCENT]
    follower = tencent.add_follower(_account(request).app_id, given["nickname"], given.get("openid", ""))
    for name in ("subscribed", "blocked"):
        if name in given:
            setattr(follower, name, bool(given[name]))
    return web.json_response(describe(tencent, follower), status=201)


async def read_follower(request: web.Request) -> web.Response:
    tencent = request.app[TENCENT]
    return web.json_response(
        describe(tencent, tencent.follower(_account(request).app_id, request.match_info["openid"]))
    )


async def list_followers(request: web.Request) -> web.Response:
    tencent = request.app[TENCENT]
    return web.json_response([describe(tencent, each) for each in tencent.of_account(_account(request).app_id)])


async def act(request: web.Request) -> web.Response:
    """Let a person do something; with `wait` false the answer comes before the push."""
    given = await request.json()
    app_id, openid = _account(request).app_id, request.match_info["openid"]
    work = request.app[PEOPLE].perform(app_id, openid, request.match_info["action"], given)
    if given.get("wait", True):
        return web.json_response([asdict(each) for each in await work])
    request.app[BACKGROUND].start(work)
    return web.json_response([], status=202)


async def screen(request: web.Request) -> web.Response:
    return web.json_response([asdict(each) for each in request.app[TENCENT].screen(request.match_info["openid"])])


async def traces(request: web.Request) -> web.Response:
    tencent, app_id = request.app[TENCENT], request.query.get("app_id", "")
    return web.json_response({
        "deliveries": [asdict(each) for each in tencent.deliveries if app_id in ("", each.app_id)],
        "calls": [asdict(each) for each in tencent.calls if app_id in ("", each.app_id)],
        "tokens_issued": tencent.desk.issued,
    })  # fmt: skip


async def order_fault(request: web.Request) -> web.Response:
    given = await request.json()
    fault = Fault(**{**given, "kind": FaultKind(given["kind"])})
    request.app[TENCENT].faults.order(fault)
    return web.json_response(asdict(fault), status=201)


async def clear_faults(request: web.Request) -> web.Response:
    request.app[TENCENT].faults.clear()
    return web.json_response({})


async def clock(request: web.Request) -> web.Response:
    tencent = request.app[TENCENT]
    if request.method == "POST":
        tencent.clock.advance(float((await request.json())["advance"]))
        tencent.dirty = True
    return web.json_response({"now": tencent.clock.now(), "offset": tencent.clock.offset})


async def change_settings(request: web.Request) -> web.Response:
    settings = request.app[TENCENT].settings
    for name, value in (await request.json()).items():
        setattr(settings, name, type(getattr(settings, name))(value))
    return web.json_response(asdict(settings))


def _account(request: web.Request) -> Account:
    return request.app[TENCENT].account(request.match_info["app_id"])


ROUTES = [
    web.post("/_control/accounts", create_account),
    web.get("/_control/accounts", list_accounts),
    web.patch("/_control/accounts/{app_id}", change_account),
    web.post("/_control/accounts/{app_id}/enable", enable_account),
    web.post("/_control/accounts/{app_id}/revoke", revoke_tokens),
    web.post("/_control/accounts/{app_id}/followers", add_follower),
    web.get("/_control/accounts/{app_id}/followers", list_followers),
    web.get("/_control/accounts/{app_id}/followers/{openid}", read_follower),
    web.post("/_control/accounts/{app_id}/followers/{openid}/do/{action}", act),
    web.get("/_control/accounts/{app_id}/followers/{openid}/screen", screen),
    web.get("/_control/traces", traces),
    web.post("/_control/faults", order_fault),
    web.delete("/_control/faults", clear_faults),
    web.get("/_control/clock", clock),
    web.post("/_control/clock", clock),
    web.patch("/_control/settings", change_settings),
]
