"""From a host name to a tenant."""

import enum
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest

from guanxi.tenancy.context import TenantRef


class HostKind(enum.Enum):
    """What a host name stands for."""

    BASE = "base"
    WORKSPACE = "workspace"
    UNKNOWN = "unknown"


_find_by_host: Callable[[str], TenantRef | None] | None = None


def register_host_lookup(find: Callable[[str], TenantRef | None]) -> None:
    """Say how a host name (lower case, no port) is looked up; the lookup caches by itself."""
    global _find_by_host
    _find_by_host = find


def resolve_host(host: str) -> tuple[HostKind, TenantRef | None]:
    """Return what a host is: the base site, a tenant's, or unknown. Upper case and a final dot do not matter."""
    name = host.lower().rstrip(".")
    if name in settings.GUANXI_BASE_HOSTS:
        return HostKind.BASE, None
    tenant = _find_by_host(name) if _find_by_host else None
    return (HostKind.WORKSPACE, tenant) if tenant else (HostKind.UNKNOWN, None)


_by_request: list[tuple[str, Callable[[HttpRequest], TenantRef | None]]] = []


def register_request_tenant(path_prefix: str, find: Callable[[HttpRequest], TenantRef | None]) -> None:
    """Let a key, an app id or a token in the request choose the tenant, for paths of the base host that begin so."""
    _by_request.append((path_prefix, find))


def tenant_of_request(request: HttpRequest) -> TenantRef | None:
    """Return the tenant that the request itself names on the base host, None when it names none."""
    for prefix, find in _by_request:
        if request.path.startswith(prefix):
            return find(request)
    return None
