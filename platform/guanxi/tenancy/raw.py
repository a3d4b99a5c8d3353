"""Work on schemas that are no tenants yet: templates, spares, migrations."""

from collections.abc import Iterator
from contextlib import contextmanager

from guanxi.tenancy.connections import this_connection


@contextmanager
def raw_schema(schema: str) -> Iterator[None]:
    """Put this thread's connection on `schema` with the guard off, and back after the block."""
    connection = this_connection()
    before = connection.tenant
    connection.guard_suspended += 1
    connection.set_schema(schema)
    try:
        yield
    finally:
        connection.set_tenant(before)
        connection.guard_suspended -= 1
