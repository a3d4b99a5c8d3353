"""What a tenant has in the database, as one digest: its schema, and its rows in the public one."""

from collections.abc import Iterable

from django.db import connection
from psycopg import sql

from guanxi.tenancy import TenantRef, public_scope

# How rows of the public schema say whose they are.
BELONGS = {"tenant_id": "id", "workspace_id": "id", "tenant_schema": "schema", "schema_name": "schema"}
ROOM_BETWEEN = 1_000
ALL_ROWS = sql.SQL("true")
DIGEST = sql.SQL("SELECT {}, md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t WHERE {}")


def tables_of(schema: str) -> list[str]:
    """Return the names of a schema's tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
        return [row[0] for row in cursor.fetchall()]


def empty_tables(schema: str) -> set[str]:
    """Return which tables of a schema hold nothing."""
    with public_scope(), connection.cursor() as cursor:
        found = set()
        for table in tables_of(schema):
            cursor.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(schema, table)))
            if cursor.fetchone() is None:
                found.add(table)
        return found


def align_sequences(refs: Iterable[TenantRef]) -> None:
    """Let the next id of every table be the same in these tenants, far from those that are there."""
    with public_scope(), connection.cursor() as cursor:
        for ref in refs:
            cursor.execute(
                "SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, %s, false)"
                " FROM pg_sequences WHERE schemaname = %s",
                [ROOM_BETWEEN, ref.schema],
            )


class Digest:
    """Reads the digest of all that a tenant has, by one statement."""

    def __init__(self, ref: TenantRef) -> None:
        with public_scope():
            parts = [self._part(ref.schema, table) for table in tables_of(ref.schema)]
            parts += [part for table in tables_of("public") if (part := self._public_part(ref, table)) is not None]
        self.statement = sql.SQL(" UNION ALL ").join(parts)

    @staticmethod
    def _part(schema: str, table: str, condition: sql.Composable = ALL_ROWS) -> sql.Composed:
        return sql.SQL(
            "SELECT {}, md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t WHERE {}"
        ).format(f"{schema}.{table}", sql.Identifier(schema, table), condition)

    def _public_part(self, ref: TenantRef, table: str) -> sql.Composed | None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s",
                [table],
            )
            columns = {row[0] for row in cursor.fetchall()} & set(BELONGS)
        if not columns:
            return None
        tests = [
            sql.SQL("{} = {}").format(sql.Identifier(column), getattr(ref, BELONGS[column]))
            for column in sorted(columns)
        ]
        return self._part("public", table, sql.SQL(" OR ").join(tests))

    def read(self) -> dict[str, str]:
        """Return table → digest."""
        with public_scope(), connection.cursor() as cursor:
            cursor.execute(self.statement)
            return dict(cursor.fetchall())
