"""This thread's database connection, with the type that it really has."""

from typing import TYPE_CHECKING, cast

from django.db import connection

if TYPE_CHECKING:
    from guanxi.tenancy.backend.base import DatabaseWrapper


def this_connection() -> "DatabaseWrapper":
    """Return the wrapper of this thread's default connection."""
    return cast("DatabaseWrapper", connection)
