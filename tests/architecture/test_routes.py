"""Every operation on every mount declares its permission, asks for it, and has a name of its own."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from ninja import NinjaAPI, Router
from ninja.security import HttpBearer

from guanxi.access import ANYONE, SIGNED_IN
from guanxi.config.api import app_routers, base_api, internal_api, public_api, widget_api
from guanxi.http.router import AppRouter
from tests.architecture import routes

MOUNTS = {"internal": internal_api, "public": public_api, "base": base_api, "widget": widget_api}


@pytest.mark.parametrize("mount", list(MOUNTS))
def test_every_operation_declares_a_known_permission(mount: str) -> None:
    assert routes.undeclared(MOUNTS[mount]()) == []


@pytest.mark.parametrize("mount", list(MOUNTS))
def test_every_operation_asks_for_it(mount: str) -> None:
    assert routes.unguarded(MOUNTS[mount]()) == []


@pytest.mark.parametrize("mount", ["internal", "public"])
def test_every_operation_asks_who_calls(mount: str) -> None:
    assert routes.unauthenticated(MOUNTS[mount]()) == []


@pytest.mark.parametrize("mount", list(MOUNTS))
def test_operation_ids(mount: str) -> None:
    assert routes.misnamed(MOUNTS[mount]()) == []


def test_what_is_for_programs_is_for_the_page_too() -> None:
    inside = {
        operation.operation_id: routes.permission_of(operation) for _, operation in routes.operations(internal_api())
    }
    outside = {
        operation.operation_id: routes.permission_of(operation) for _, operation in routes.operations(public_api())
    }
    assert outside.items() <= inside.items()


def test_what_is_kept_from_programs_has_a_reason() -> None:
    silent = [
        route.operation_id
        for router in app_routers()
        for route in router.routes
        if route.private is not None and not route.private.strip()
    ]
    assert silent == []


# Views that are no operations, by the start of their path; each is guarded by what stands beside it.
OTHER_VIEWS = {
    "_allauth/": "allauth headless: sign-in and its throttles",
    "wechat/": "Tencent's signature",
    "widget/": "the widget's public script and frame",
    "widget.js": "the widget's loader",
    "files/": "signed, short-lived addresses",
    "stripe/": "Stripe's signature",
    "accounts/": "single-use tokens",
    "hand-over/": "a single-use token that lives for minutes",
    "calendar/": "a secret address of one member, kept by its digest",
    "static/": "the page's own files",
    "": "the page itself, which holds no data",
}


def views(patterns: list[Any], prefix: str = "") -> list[str]:
    """Return the paths of every view below URL patterns."""
    found = []
    for pattern in patterns:
        path = prefix + re.sub(r"^\^|\(\?!.*?\)|\(\?P<.*", "", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            found += views(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            found.append(path)
    return found


@pytest.mark.parametrize("urlconf", ["guanxi.config.urls", "guanxi.config.urls_base", "guanxi.config.urls_unknown"])
def test_every_other_view_is_known(urlconf: str) -> None:
    strangers = [
        path
        for path in views(get_resolver(urlconf).url_patterns)
        if not path.startswith("api/")
        and not any(path.startswith(known) if known else path == "" for known in OTHER_VIEWS)
    ]
    assert strangers == []


class Key(HttpBearer):
    """An authentication that knows nobody."""

    def authenticate(self, request: Any, token: str) -> None:
        """Know nobody."""


@pytest.fixture
def api() -> NinjaAPI:
    """An API with one sound operation."""
    made = NinjaAPI(urls_namespace="breach", auth=Key())
    sound = AppRouter(tag="sound")

    @sound.get("/mine", permission=SIGNED_IN, response=None)
    def sound_list(request: Any) -> None: ...

    made.add_router("", sound.internal)
    return made


def test_a_sound_operation_passes(api: NinjaAPI) -> None:
    assert [rule(api) for rule in (routes.undeclared, routes.unguarded, routes.unauthenticated, routes.misnamed)] == [
        [],
        [],
        [],
        [],
    ]


def test_an_operation_past_the_router_is_caught(api: NinjaAPI) -> None:
    bare = Router()

    @bare.get("/secrets", operation_id="secretsList")
    def secrets_list(request: Any) -> list[int]:
        return [1]

    @bare.get("/mine", operation_id="sound_list", openapi_extra={"x-permission": SIGNED_IN})
    def mine(request: Any, number: int) -> list[int]:
        return [number]

    api.add_router("", bare)
    assert routes.undeclared(api) == ["GET /secrets declares ''"]
    assert routes.unguarded(api) == [
        "GET /secrets answers without an actor",
        "GET /mine enters its view without an actor (TypeError)",
    ]
    assert routes.misnamed(api) == [
        "GET /secrets is called 'secretsList'",
        "GET /mine and GET /mine are both called sound_list",
    ]


def test_an_unknown_permission_is_caught(api: NinjaAPI) -> None:
    unknown = AppRouter(tag="unknown")

    @unknown.get("/unicorns", permission="unicorn.read", response=None)
    def unicorns_list(request: Any) -> None: ...

    api.add_router("", unknown.internal)
    assert routes.undeclared(api) == ["GET /unicorns declares 'unicorn.read'"]


def test_an_operation_that_asks_nobody_is_caught(api: NinjaAPI) -> None:
    careless = AppRouter(tag="careless")

    @careless.get("/open", permission=SIGNED_IN, response=None, auth=None)
    def open_list(request: Any) -> None: ...

    @careless.get("/anyone", permission=ANYONE, response=None)
    def anyone_list(request: Any) -> None: ...

    api.add_router("", careless.internal)
    assert routes.unauthenticated(api) == ["GET /open asks nobody who he is"]


def test_a_strange_view_is_seen() -> None:
    pattern = SimpleNamespace(urlpatterns=[])
    assert views(pattern.urlpatterns) == []
    assert "livez" not in OTHER_VIEWS
