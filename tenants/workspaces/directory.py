"""From a schema, a host name or an outside key to a tenant; kept in the cache, since every request asks."""

import logging
from collections.abc import Callable, Iterator

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from guanxi.tenancy import TenantRef, public_scope
from tenants.workspaces.models import ExternalRoute, Workspace

log = logging.getLogger(__name__)
KNOWN_SECONDS, UNKNOWN_SECONDS = 300, 10
# A workspace in one of these states has no schema that could be worked in.
HOMELESS = (Workspace.State.PROVISIONING, Workspace.State.DELETED)
Stored = tuple[int, str, str]


def list_tenants() -> Iterator[TenantRef]:
    """Yield every workspace that may be worked for, oldest first."""
    with public_scope():
        rows = list(
            Workspace.objects.exclude(state__in=HOMELESS).order_by("pk").values_list("pk", "schema_name", "slug")
        )
    yield from (TenantRef(*row) for row in rows)


def find_tenant(schema: str) -> TenantRef | None:
    """Return the tenant of a schema, None when it is gone."""
    return _cached(f"workspace:schema:{schema}", lambda: _one(Q(schema_name=schema)))


def find_by_host(host: str) -> TenantRef | None:
    """Return the tenant of `<slug>.<base domain>` or of a company's own, proven domain."""
    return _cached(f"workspace:host:{host[:253]}", lambda: _one(_host_condition(host)))


def find_by_route(kind: str, key: str) -> TenantRef | None:
    """Return the tenant that an outside key belongs to."""
    return _cached(f"workspace:route:{kind}:{key[:200]}", lambda: _one(_route_condition(kind, key)))


def find_by_bearer(request: HttpRequest) -> TenantRef | None:
    """Return the tenant of `Authorization: Bearer gx_<prefix>_<secret>`.

    Whether the key is valid is asked inside the tenant.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    parts = token.strip().split("_", 2)
    if scheme.lower() != "bearer" or len(parts) != 3 or parts[0] != "gx":
        return None
    return find_by_route("api_key", parts[1])


def _host_condition(host: str) -> Q:
    slug, _, base = host.partition(".")
    if base == settings.GUANXI_BASE_DOMAIN:
        return Q(slug=slug)
    return Q(domains__host=host, domains__verified_at__isnull=False)


def _route_condition(kind: str, key: str) -> Q:
    return Q(pk__in=ExternalRoute.objects.filter(kind=kind, key=key).values("workspace_id"))


def _one(condition: Q) -> Stored | None:
    return (
        Workspace.objects.exclude(state__in=HOMELESS).filter(condition).values_list("pk", "schema_name", "slug").first()
    )


def _cached(key: str, load: Callable[[], Stored | None]) -> TenantRef | None:
    # Keys carry the tenant of the context; whoever asks, these belong to the public one.
    with public_scope():
        stored = _read(key)
        if stored is None:
            stored = load() or ()
            _write(key, stored)
    return TenantRef(*stored) if stored else None


def _read(key: str) -> tuple[()] | Stored | None:
    try:
        value = cache.get(key)
    except Exception as fault:  # Without Redis the database answers, a little slower.
        log.warning("the cache cannot be read: %s", type(fault).__name__)
        return None
    return None if value is None else tuple(value)


def _write(key: str, value: tuple[()] | Stored) -> None:
    try:
        cache.set(key, value, KNOWN_SECONDS if value else UNKNOWN_SECONDS)
    except Exception as fault:
        log.warning("the cache cannot be written: %s", type(fault).__name__)


def forget(*keys: str) -> None:
    """Drop cached answers now, and again after the commit, when others may have read the old state meanwhile."""

    def drop() -> None:
        with public_scope():
            try:
                cache.delete_many(keys)
            except Exception as fault:
                log.warning("the cache cannot be cleared: %s", type(fault).__name__)

    drop()
    transaction.on_commit(drop)


def forget_workspace(workspace: Workspace) -> None:
    """Drop what is cached of a workspace: its schema, its hosts and its routes."""
    with public_scope():
        hosts = [f"{workspace.slug}.{settings.GUANXI_BASE_DOMAIN}", *workspace.domains.values_list("host", flat=True)]
        routes = ExternalRoute.objects.filter(workspace=workspace).values_list("kind", "key")
        keys = [f"workspace:schema:{workspace.schema_name}", *(f"workspace:host:{host}" for host in hosts)]
        forget(*keys, *(f"workspace:route:{kind}:{key}" for kind, key in routes))
