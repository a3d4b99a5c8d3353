"""A connection that refuses a query in another schema than the context says.

Setting a schema and then awaiting, new threads, and async ORM calls all end on the wrong schema without this guard,
silently.
"""

from typing import Any

from django_tenants.postgresql_backend import base

from guanxi.tenancy.context import TenantContextError, expected_schema


class DatabaseWrapper(base.DatabaseWrapper):
    """django-tenants' wrapper, which checks the ContextVar before each cursor."""

    # Migrations and provisioning visit schemas that are no tenants yet; they say so explicitly.
    guard_suspended = 0

    def _cursor(self, name: str | None = None) -> Any:
        expected = expected_schema()
        if self.schema_name != expected and not self.guard_suspended:
            raise TenantContextError(
                f"the connection is on schema {self.schema_name!r} but the context is {expected!r};"
                " open tenant_scope() in this thread"
            )
        return super()._cursor(name)
