"""What the readiness probe looks at."""

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from guanxi.common.redis import client
from guanxi.tenancy import public_scope


def readiness() -> list[str]:
    """Return what is not ready, in words for the operator; an empty list when all is."""
    return [fault for check in (_database, _redis) if (fault := check())]


def _database() -> str:
    try:
        with public_scope():
            if not MigrationRecorder(connection).has_table():
                return "database: migrations have not run"
    except Exception as fault:
        return f"database: {type(fault).__name__}"
    return ""


def _redis() -> str:
    try:
        client().ping()
    except Exception as fault:
        return f"redis: {type(fault).__name__}"
    return ""
