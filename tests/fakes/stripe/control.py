"""The tests' handle on the fake from another process: JSON under /_control, from this machine only."""

from __future__ import annotations

import ipaddress
from dataclasses import asdict

from aiohttp import web

from tests.fakes.stripe.errors import Refusal
from tests.fakes.stripe.faults import Fault, FaultKind
from tests.fakes.stripe.pushing import Pusher
from tests.fakes.stripe.server import FAULTS, SHOP, Handler

PUSHER = web.AppKey("pusher", Pusher)
CHANGEABLE = {"status", "quantity", "cancel_at_period_end"}


@web.middleware
async def local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not request.path.startswith("/_control"):
        return await handler(request)
    if not ipaddress.ip_address(request.remote or "0.0.0.0").is_loopback:
        raise web.HTTPForbidden(text="")
    try:
        return await handler(request)
    except Refusal as refusal:
        return web.json_response(refusal.body(), status=409)
    except (KeyError, ValueError, TypeError) as error:
        return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)


async def state(request: web.Request) -> web.Response:
    shop, pusher = request.app[SHOP], request.app[PUSHER]
    return web.json_response({
        "customers": list(shop.customers.values()),
        "subscriptions": list(shop.subscriptions.values()),
        "events": list(shop.events.values()),
        "deliveries": [asdict(each) for each in pusher.deliveries],
        "calls": shop.calls,
    })  # fmt: skip


async def change(request: web.Request) -> web.Response:
    given = await request.json()
    if not set(given) <= CHANGEABLE:
        raise ValueError(f"only {sorted(CHANGEABLE)} can be changed")
    return web.json_response(request.app[SHOP].change(request.match_info["id"], **given))


async def order_fault(request: web.Request) -> web.Response:
    given = await request.json()
    fault = Fault(**{**given, "kind": FaultKind(given["kind"])})
    request.app[FAULTS].order(fault)
    return web.json_response(asdict(fault), status=201)


async def set_webhook(request: web.Request) -> web.Response:
    given, target = await request.json(), request.app[PUSHER].target
    target.url, target.secret = str(given["url"]), str(given["secret"])
    return web.json_response(asdict(target))


async def send_again(request: web.Request) -> web.Response:
    event = request.app[SHOP].get("events", request.match_info["id"])
    request.app[PUSHER].put(event)
    return web.json_response({}, status=202)


ROUTES = [
    web.get("/_control", state),
    web.post("/_control/subscriptions/{id}", change),
    web.post("/_control/faults", order_fault),
    web.put("/_control/webhook", set_webhook),
    web.post("/_control/events/{id}/send", send_again),
]
