"""Brings one schema to the state that the code's migrations ask for."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import connection
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from guanxi.tenancy.context import PUBLIC_SCHEMA
from guanxi.tenancy.raw import raw_schema

# Of PostgreSQL's contributions; they stand in the public schema once, for all tenants.
EXTENSIONS = ("pg_trgm", "btree_gin")


@lru_cache(maxsize=1)
def wanted_migrations() -> frozenset[tuple[str, str]]:
    """Return (app, name) of every migration that the code has."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).graph.nodes)


@lru_cache(maxsize=1)
def current_release() -> str:
    """Return what names the code's set of migrations: a digest of their names and texts."""
    digest = hashlib.sha256()
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for key in sorted(loader.graph.nodes):
        module = import_module(type(loader.disk_migrations[key]).__module__)
        digest.update("/".join(key).encode())
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()[:16]


def create_extensions() -> list[str]:
    """Create what is missing of the extensions in the public schema; return the names of those that were."""
    with raw_schema(PUBLIC_SCHEMA), connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        present = {row[0] for row in cursor.fetchall()}
        missing = [name for name in EXTENSIONS if name not in present]
        for name in missing:
            cursor.execute(f'CREATE EXTENSION IF NOT EXISTS "{name}" WITH SCHEMA public')
    return missing


def has_schema(schema: str) -> bool:
    """Return whether the schema exists."""
    with raw_schema(PUBLIC_SCHEMA), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema])
        return cursor.fetchone() is not None


def create_schema(schema: str) -> None:
    """Create an empty schema unless it exists."""
    with raw_schema(PUBLIC_SCHEMA), connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))


def drop_schema(schema: str) -> None:
    """Drop a schema and all that is in it."""
    with raw_schema(PUBLIC_SCHEMA), connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))


def applied_migrations(schema: str) -> frozenset[tuple[str, str]]:
    """Return (app, name) of what has been applied to a schema, nothing for one that was never migrated."""
    table = sql.Identifier(schema, "django_migrations")
    with raw_schema(PUBLIC_SCHEMA), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f'"{schema}".django_migrations'])
        if cursor.fetchone()[0] is None:
            return frozenset()
        cursor.execute(sql.SQL("SELECT app, name FROM {}").format(table))
        return frozenset(cursor.fetchall())


def is_current(schema: str) -> bool:
    """Return whether nothing is left to apply to a schema; one query, where Django's own plan takes seconds."""
    return wanted_migrations() <= applied_migrations(schema)


def migrate_schema(schema: str, *, inhabited: bool = True) -> bool:
    """Apply what is missing; return whether there was anything.

    In a schema that nobody lives in, unsafe steps are safe.
    """
    applied = applied_migrations(schema)
    if wanted_migrations() <= applied:
        return False
    with raw_schema(schema), nullcontext() if applied and inhabited else _plain_editor():
        if not applied:
            # Without a table of its own the schema would read the public one, and seem to be migrated.
            with connection.schema_editor() as editor:
                editor.create_model(MigrationRecorder(connection).Migration)
        call_command(Migrate(), verbosity=0, interactive=False, skip_checks=True)
    return True


@contextmanager
def _plain_editor() -> Iterator[None]:
    """Migrate by Django's own editor: nobody is there whom a lock could hold up, so that no step is unsafe."""
    connection.SchemaEditorClass = DatabaseSchemaEditor
    try:
        yield
    finally:
        del connection.SchemaEditorClass
