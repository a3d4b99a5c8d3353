"""The HTTP face: keys, versions, idempotency and faults round each call."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from tests.fakes.stripe.api import ROUTES, Call
from tests.fakes.stripe.errors import Refusal
from tests.fakes.stripe.faults import FaultKind, Faults
from tests.fakes.stripe.forms import Reader, read_form
from tests.fakes.stripe.shop import API_VERSION, Json, Shop, public

SHOP = web.AppKey("shop", Shop)
FAULTS = web.AppKey("faults", Faults)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def call_routes() -> list[web.RouteDef]:
    return [web.route(method, path, _served(call)) for method, path, call in ROUTES]


def _served(call: Call) -> Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        shop, fault = request.app[SHOP], request.app[FAULTS].take(request.path)
        shop.calls.append((request.method, request.path))
        if fault is FaultKind.DROP:
            return _dropped(request)
        if fault is FaultKind.ERROR_500:
            return _answer(500, {"error": {"type": "api_error", "message": "An unknown error occurred"}})
        text = (await request.read()).decode() if request.method == "POST" else request.query_string
        try:
            _authorise(request)
            with shop.lock:
                status, body, replayed = _once(shop, call, request, text)
                shop.save()
        except Refusal as refusal:
            return _answer(refusal.status, refusal.body())
        if fault is FaultKind.COMMIT_THEN_DROP:
            return _dropped(request)
        return _answer(status, body, {"Idempotent-Replayed": "true"} if replayed else {})

    return serve


def _authorise(request: web.Request) -> None:
    bearer = request.headers.get("Authorization", "")
    if not bearer.startswith("Bearer sk_test_"):
        raise Refusal(401, "", "Invalid API Key provided")
    version = request.headers.get("Stripe-Version", "")
    if version != API_VERSION:
        raise Refusal(400, "", f"This server speaks {API_VERSION}, not {version or 'no version'}")
    if request.method == "POST" and request.content_type != "application/x-www-form-urlencoded":
        raise Refusal(400, "", "The body must be application/x-www-form-urlencoded")


def _once(shop: Shop, call: Call, request: web.Request, text: str) -> tuple[int, Json, bool]:
    """Do a call; one with a key that has come before gets the same answer, another call under that key a refusal."""
    key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
    digest = hashlib.sha256(f"{request.path}?{text}".encode()).hexdigest()
    if key in shop.answers:
        kept = shop.answers[key]
        if kept["digest"] != digest:
            raise Refusal(
                400, "idempotency_key_in_use", "Keys for idempotent requests can only be used with the same parameters "
                "they were first used with.", kind="idempotency_error",
            )  # fmt: skip
        return kept["status"], kept["body"], True
    body: Json = json.loads(json.dumps(public(call(shop, Reader(read_form(text)), dict(request.match_info)))))
    if key:
        shop.answers[key] = {"digest": digest, "status": 200, "body": body}
    return 200, body, False


def _dropped(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)


def _answer(status: int, body: Json, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(body, status=status, headers={"Stripe-Version": API_VERSION, **(headers or {})})
