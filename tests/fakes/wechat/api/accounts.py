"""Tokens, people, parametrised codes and the small diagnostic calls."""

from __future__ import annotations

import io
import ipaddress
import secrets
from urllib.parse import quote

import qrcode
from aiohttp import web
from qrcode.image.pil import PilImage

from tests.fakes.wechat.api.calls import APP_ID, TENCENT, answer, body_of, caller
from tests.fakes.wechat.errors import Refusal
from tests.fakes.wechat.records import Ability, Account, Json, QrTicket
from tests.fakes.wechat.tencent import Tencent

TEMPORARY_MAX = 30 * 86400
PERMANENT_MAX = 100_000


async def stable_token(request: web.Request) -> web.Response:
    body = await body_of(request)
    account = _credentials(request, body)
    force = body.get("force_refresh", False)
    if not isinstance(force, bool):
        raise Refusal(47001, hint="force_refresh")
    tencent = request.app[TENCENT]
    value, expires_in = tencent.desk.stable(account.app_id, tencent.clock.now(), force=force)
    tencent.dirty = True
    return answer({"access_token": value, "expires_in": expires_in})


async def token(request: web.Request) -> web.Response:
    account = _credentials(request, dict(request.query))
    tencent = request.app[TENCENT]
    value, expires_in = tencent.desk.legacy(account.app_id, tencent.clock.now())
    tencent.dirty = True
    return answer({"access_token": value, "expires_in": expires_in})


def _credentials(request: web.Request, given: Json) -> Account:
    if given.get("grant_type") != "client_credential":
        raise Refusal(40002)
    if not given.get("appid"):
        raise Refusal(41002)
    if not given.get("secret"):
        raise Refusal(41004)
    tencent = request.app[TENCENT]
    account = tencent.account(str(given["appid"]))
    request[APP_ID] = account.app_id
    if not secrets.compare_digest(account.secret.encode(), str(given["secret"]).encode()):
        raise Refusal(40125)
    if account.allowed_ips and not _allowed(request.remote or "", account.allowed_ips):
        raise Refusal(40164, ip=request.remote or "")
    return account


def _allowed(address: str, allowed: list[str]) -> bool:
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(each) for each in allowed)


async def user_info(request: web.Request) -> web.Response:
    """Since the end of 2021 it tells neither name nor picture."""
    account = caller(request, Ability.USERS)
    follower = request.app[TENCENT].follower(account.app_id, request.query.get("openid", ""))
    if not follower.subscribed:
        return answer({"subscribe": 0, "openid": follower.openid, "tagid_list": []})
    body: Json = {
        "subscribe": 1, "openid": follower.openid, "nickname": "", "sex": 0, "language": "zh_CN", "city": "",
        "province": "", "country": "", "headimgurl": "", "subscribe_time": follower.subscribed_at, "remark": "",
        "groupid": 0, "tagid_list": [], "subscribe_scene": follower.subscribe_scene, "qr_scene": 0, "qr_scene_str": "",
    }  # fmt: skip
    if follower.scene.isdigit():
        body["qr_scene"] = int(follower.scene)
    else:
        body["qr_scene_str"] = follower.scene
    if follower.unionid:
        body["unionid"] = follower.unionid
    return answer(body)


async def user_list(request: web.Request) -> web.Response:
    account = caller(request, Ability.USERS)
    openids = [each.openid for each in request.app[TENCENT].of_account(account.app_id) if each.subscribed]
    after = request.query.get("next_openid", "")
    start = openids.index(after) + 1 if after in openids else 0
    page = openids[start : start + 10_000]
    body: Json = {"total": len(openids), "count": len(page), "next_openid": page[-1] if page else ""}
    return answer({**body, "data": {"openid": page}} if page else body)


async def create_qr(request: web.Request) -> web.Response:
    account = caller(request, Ability.QR)
    body = await body_of(request)
    action = str(body.get("action_name", ""))
    if action not in ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"):
        raise Refusal(40052)
    permanent = "LIMIT" in action
    scene = _scene_of(body, "scene_str" if "STR" in action else "scene_id", permanent=permanent)
    tencent = request.app[TENCENT]
    seconds = 0
    if not permanent:
        seconds = int(body.get("expire_seconds") or 60)
        if not 1 <= seconds <= TEMPORARY_MAX:
            raise Refusal(61451, hint="expire_seconds")
    elif sum(t.app_id == account.app_id and t.expires_at is None for t in tencent.tickets.values()) >= PERMANENT_MAX:
        raise Refusal(45009)
    return answer(_issue(tencent, account, scene, seconds))


def _scene_of(body: Json, field: str, *, permanent: bool) -> str:
    info = body.get("action_info")
    scene = info.get("scene") if isinstance(info, dict) else None
    value = scene.get(field) if isinstance(scene, dict) else None
    if field == "scene_str":
        if not isinstance(value, str) or not 1 <= len(value) <= 64:
            raise Refusal(40053)
        return value
    top = PERMANENT_MAX if permanent else 2**32 - 1
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= top:
        raise Refusal(40053)
    return str(value)


def _issue(tencent: Tencent, account: Account, scene: str, seconds: int) -> Json:
    ticket = "gQ" + secrets.token_urlsafe(60)
    url = f"http://weixin.qq.com/q/{ticket[2:24]}"
    tencent.tickets[ticket] = QrTicket(
        ticket=ticket, app_id=account.app_id, scene=scene, url=url,
        expires_at=tencent.clock.now() + seconds if seconds else None,
    )  # fmt: skip
    tencent.dirty = True
    return {"ticket": ticket, "url": url, **({"expire_seconds": seconds} if seconds else {})}


async def show_qr(request: web.Request) -> web.Response:
    known = request.app[TENCENT].tickets.get(request.query.get("ticket", ""))
    if known is None:
        raise web.HTTPNotFound(text="")
    out = io.BytesIO()
    qrcode.make(known.url, image_factory=PilImage, box_size=8).convert("RGB").save(out, "JPEG")
    return web.Response(body=out.getvalue(), content_type="image/jpeg")


async def check_callback(request: web.Request) -> web.Response:
    caller(request)
    body = await body_of(request)
    if body.get("action") not in ("dns", "ping", "all"):
        raise Refusal(61451, hint="action")
    return answer({
        "dns": [{"ip": "127.0.0.1", "real_operator": "UNICOM"}],
        "ping": [{"ip": "127.0.0.1", "from_operator": "UNICOM", "package_loss": "0%", "time": "0.102ms"}],
    })  # fmt: skip


async def callback_addresses(request: web.Request) -> web.Response:
    caller(request)
    return answer({"ip_list": ["127.0.0.1"]})


def ticket_link(base_url: str, ticket: str) -> str:
    return f"{base_url}/cgi-bin/showqrcode?ticket={quote(ticket)}"


ROUTES = [
    web.route("*", "/cgi-bin/stable_token", stable_token),
    web.get("/cgi-bin/token", token),
    web.get("/cgi-bin/user/info", user_info),
    web.get("/cgi-bin/user/get", user_list),
    web.route("*", "/cgi-bin/qrcode/create", create_qr),
    web.get("/cgi-bin/showqrcode", show_qr),
    web.route("*", "/cgi-bin/callback/check", check_callback),
    web.get("/cgi-bin/getcallbackip", callback_addresses),
    web.get("/cgi-bin/get_api_domain_ip", callback_addresses),
]
