"""The port through which the kernel asks which tenants there are; `tenants.workspaces` fills it."""

from collections.abc import Callable, Iterator

from guanxi.tenancy.context import TenantRef

_list_tenants: Callable[[], Iterator[TenantRef]] | None = None
_find_tenant: Callable[[str], TenantRef | None] | None = None


def register_directory(
    *, list_tenants: Callable[[], Iterator[TenantRef]], find_tenant: Callable[[str], TenantRef | None]
) -> None:
    """Say how tenants are listed, and how one is found by its schema."""
    global _list_tenants, _find_tenant
    _list_tenants, _find_tenant = list_tenants, find_tenant


def each_tenant() -> Iterator[TenantRef]:
    """Yield every tenant that may be worked for."""
    if _list_tenants is None:
        raise RuntimeError("no directory of tenants is registered")
    yield from _list_tenants()


def find_tenant(schema: str) -> TenantRef | None:
    """Return the tenant of a schema, None when it is gone."""
    if _find_tenant is None:
        raise RuntimeError("no directory of tenants is registered")
    return _find_tenant(schema)
