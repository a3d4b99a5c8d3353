"""On the base host the key alone chooses the tenant: in a page's path, in a token, or in the first call."""

import json

from django.http import HttpRequest

from bots.channels.web.tokens import read_file_token, read_token
from bots.channels.web.types import KEY, ROUTE_KIND
from guanxi.tenancy import TenantRef
from tenants.workspaces.selectors import resolve_route

PAGE_PREFIX = "/widget/"
API_PREFIX = "/api/widget/v1/"
FILE_PREFIX = f"{API_PREFIX}files/"
MAX_BODY = 64 * 1024


def tenant_of_page(request: HttpRequest) -> TenantRef | None:
    """Return the tenant of `/widget/gxw_…`."""
    return _tenant_of_key(request.path.removeprefix(PAGE_PREFIX).strip("/"))


def tenant_of_call(request: HttpRequest) -> TenantRef | None:
    """Return the tenant of a call to the widget's API."""
    return _tenant_of_key(_key_of_call(request))


def _key_of_call(request: HttpRequest) -> str:
    if request.path == f"{API_PREFIX}visits":
        return _key_in_body(request)
    if request.method == "GET" and request.path.startswith(FILE_PREFIX):
        named = read_file_token(request.path.removeprefix(FILE_PREFIX))
        return named[0].key if named else ""
    visitor = read_token(request.headers.get("Authorization", "").removeprefix("Bearer "))
    return visitor.key if visitor else ""


def _key_in_body(request: HttpRequest) -> str:
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
        return ""
    try:
        body = json.loads(request.body)
    except ValueError:
        return ""
    return str(body.get("key", "")) if isinstance(body, dict) else ""


def _tenant_of_key(key: str) -> TenantRef | None:
    return resolve_route(ROUTE_KIND, key) if KEY.match(key) else None
