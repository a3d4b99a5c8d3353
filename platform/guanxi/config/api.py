"""Builds the two mounts of the one API from the routers of all apps."""

import json
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import orjson
from django.apps import apps
from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.renderers import BaseRenderer

from guanxi.http.auth import KeyAuth, MemberAuth
from guanxi.http.describing import complete
from guanxi.http.parsing import StrictParser
from guanxi.http.problems import install_problem_handlers
from guanxi.http.router import AppRouter

VERSION = "1.0.0"


class DescribedAPI(NinjaAPI):
    """An API that reads strictly and whose description holds what every operation may answer."""

    def __init__(self, *, limited: bool = False, **options: Any) -> None:
        super().__init__(parser=StrictParser(), renderer=OrjsonRenderer(), **options)
        self.limited = limited

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> Any:
        """Return the description."""
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        return complete(document, limited=self.limited)


class OrjsonRenderer(BaseRenderer):
    """Renders answers with orjson."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """Return the JSON bytes."""
        try:
            return orjson.dumps(data, default=str)
        except TypeError:
            # A JSON column gives a number of more than 64 bits back as it is.
            return json.dumps(data, default=_plain, ensure_ascii=False).encode()


def _plain(value: Any) -> str:
    """Return dates and moments as orjson writes them, and all else as its text."""
    return value.isoformat() if isinstance(value, date) else str(value)


def app_routers() -> Iterator[AppRouter]:
    """Yield the routers that installed apps declare in their `api` module, in the order of the app list."""
    for config in apps.get_app_configs():
        if (
            config.name.startswith(("django", "allauth", "daphne", "channels"))
            or find_spec(f"{config.name}.api") is None
        ):
            continue
        module = import_module(f"{config.name}.api")
        yield from (value for value in vars(module).values() if isinstance(value, AppRouter))


@lru_cache(maxsize=1)
def internal_api() -> DescribedAPI:
    """Return the API that the page uses: session and CSRF."""
    api = DescribedAPI(
        title="Guanxi (page)",
        version=VERSION,
        urls_namespace="api",
        auth=MemberAuth(),
        docs_url=None,
        openapi_url=None,
    )
    install_problem_handlers(api)
    for router in app_routers():
        api.add_router("", router.internal)
    return api


@lru_cache(maxsize=1)
def public_api() -> DescribedAPI:
    """Return the API for programs: bearer keys with scopes."""
    api = DescribedAPI(
        title="Guanxi API",
        version=VERSION,
        description="Cursor pages, problem+json (RFC 9457), Idempotency-Key on POST, ETag and If-Match on PATCH.",
        urls_namespace="public-api",
        auth=KeyAuth(),
        limited=True,
        docs_url=None,
        openapi_url=None,
    )
    install_problem_handlers(api)
    for router in app_routers():
        api.add_router("", router.public)
    return api


@lru_cache(maxsize=1)
def base_api() -> DescribedAPI:
    """Return the API of the base site: sign-up and find-my-workspace."""
    api = DescribedAPI(
        title="Guanxi (base site)",
        version=VERSION,
        urls_namespace="base-api",
        docs_url=None,
        openapi_url=None,
    )
    install_problem_handlers(api)
    for config in apps.get_app_configs():
        if config.name.startswith(("tenants.", "billing.")) and find_spec(f"{config.name}.base_api") is not None:
            api.add_router("", import_module(f"{config.name}.base_api").router.internal)
    return api


@lru_cache(maxsize=1)
def widget_api() -> DescribedAPI:
    """Return the API of the chat widget: a visitor's token in each call."""
    api = DescribedAPI(
        title="Guanxi (widget)",
        version=VERSION,
        urls_namespace="widget-api",
        docs_url=None,
        openapi_url=None,
    )
    install_problem_handlers(api)
    if find_spec("bots.channels.web") is not None and find_spec("bots.channels.web.api") is not None:
        api.add_router("", import_module("bots.channels.web.api").router.internal)
    return api
