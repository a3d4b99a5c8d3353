"""Which tables a level should have by its models, which a schema has, and how they differ."""

from collections.abc import Iterable

from django.apps import apps
from django.db.backends.utils import CursorWrapper

MAX_TABLES = 120
MAX_INDEXES = 600
# Django's own record of migrations has no model in an app.
RECORD = {"django_migrations"}


def expected(level: Iterable[str]) -> set[str]:
    """Return the tables of every model of the apps on a level."""
    names = set(level)
    return RECORD | {
        model._meta.db_table
        for config in apps.get_app_configs()
        if config.name in names
        for model in config.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }


def present(cursor: CursorWrapper, schema: str) -> set[str]:
    """Return the tables that a schema has."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
    return {row[0] for row in cursor.fetchall()}


def index_count(cursor: CursorWrapper, schema: str) -> int:
    """Return how many indexes a schema has."""
    cursor.execute("SELECT count(*) FROM pg_indexes WHERE schemaname = %s", [schema])
    return int(cursor.fetchone()[0])


def differences(wanted: set[str], found: set[str]) -> list[str]:
    """Return in words what a schema lacks and what it has too much."""
    return [f"{name} is missing" for name in sorted(wanted - found)] + [
        f"{name} has no model here" for name in sorted(found - wanted)
    ]


def over_limits(tables: int, indexes: int) -> list[str]:
    """Return in words which bound of a tenant's size is broken."""
    broken = []
    if tables > MAX_TABLES:
        broken.append(f"{tables} tables, at most {MAX_TABLES}")
    if indexes > MAX_INDEXES:
        broken.append(f"{indexes} indexes, at most {MAX_INDEXES}")
    return broken
