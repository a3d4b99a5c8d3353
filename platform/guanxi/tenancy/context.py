"""The current tenant, and the scopes that set it together with the thread's connection."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import connection

from guanxi.tenancy.connections import this_connection

P = ParamSpec("P")
T = TypeVar("T")

PUBLIC_SCHEMA = "public"


class TenantContextError(RuntimeError):
    """A query was about to run in another schema than the context names, or outside of any tenant."""


@dataclass(frozen=True, slots=True)
class TenantRef:
    """A tenant as the kernel knows it."""

    id: int
    schema: str
    slug: str

    # django-tenants reads these two from whatever is set as the connection's tenant.
    @property
    def schema_name(self) -> str:
        """Return the schema under the name that django-tenants asks for."""
        return self.schema

    def get_tenant_type(self) -> None:
        """Return None: there is one kind of tenant."""
        return


_current: ContextVar[TenantRef | None] = ContextVar("guanxi_tenant", default=None)


def current_tenant() -> TenantRef | None:
    """Return the tenant of this context, None in the public one."""
    return _current.get()


def require_tenant() -> TenantRef:
    """Return the tenant of this context; raise TenantContextError when there is none."""
    tenant = _current.get()
    if tenant is None:
        raise TenantContextError("this needs a tenant, and none is set")
    return tenant


def expected_schema() -> str:
    """Return the schema that queries of this context must run in."""
    tenant = _current.get()
    return tenant.schema if tenant else PUBLIC_SCHEMA


def _set_connection(tenant: TenantRef | None) -> None:
    connection = this_connection()
    if tenant is None:
        if connection.schema_name != PUBLIC_SCHEMA:
            connection.set_schema_to_public()
    elif connection.schema_name != tenant.schema:
        connection.set_tenant(tenant)


@contextmanager
def _scope(tenant: TenantRef | None) -> Iterator[None]:
    connection = this_connection()
    before_schema, before_tenant = connection.schema_name, connection.tenant
    token = _current.set(tenant)
    _set_connection(tenant)
    try:
        yield
    finally:
        _current.reset(token)
        if connection.schema_name != before_schema:
            connection.set_tenant(before_tenant)


def tenant_scope(tenant: TenantRef) -> AbstractContextManager[None]:
    """Run the block inside `tenant`: context and this thread's connection, both restored after it."""
    return _scope(tenant)


def public_scope() -> AbstractContextManager[None]:
    """Run the block in the public schema, with no tenant."""
    return _scope(None)


def _closing(run: Callable[[], T]) -> Callable[[], T]:
    # A worker thread outlives the call; its connection goes back to the pool so that no thread holds one for nothing.
    def run_and_close() -> T:
        try:
            return run()
        finally:
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()

    return run_and_close


async def in_tenant(tenant: TenantRef, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a sync function in a worker thread, with the tenant's scope opened inside that same thread."""

    def run() -> T:
        with _scope(tenant):
            return work(*args, **kwargs)

    return await sync_to_async(_closing(run), thread_sensitive=False)()


async def in_public(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a sync function in a worker thread in the public schema."""

    def run() -> T:
        with _scope(None):
            return work(*args, **kwargs)

    return await sync_to_async(_closing(run), thread_sensitive=False)()
