"""What is in the database against what the models say, on both levels.

Moving an app from one level to the other would silently make nothing.
"""

import io
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models
from django.db.backends.utils import CursorWrapper
from django.test.utils import isolate_apps

from guanxi.tenancy import public_scope
from tests.architecture import tables


@pytest.fixture
def cursor(database: None) -> Iterator[CursorWrapper]:
    """A cursor on the public level; the catalog shows every schema from there."""
    with public_scope(), connection.cursor() as opened:
        yield opened


@pytest.fixture
def tenant_schemas(cursor: CursorWrapper) -> list[str]:
    """The schema of every workspace, and the template that new ones are made from."""
    cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^public$|^information_schema$'")
    found = sorted(row[0] for row in cursor.fetchall())
    assert found
    return found


def test_the_public_level(cursor: CursorWrapper) -> None:
    assert tables.differences(tables.expected(settings.SHARED_APPS), tables.present(cursor, "public")) == []


def test_every_tenant(cursor: CursorWrapper, tenant_schemas: list[str]) -> None:
    wanted = tables.expected(settings.TENANT_APPS)
    for schema in tenant_schemas:
        assert tables.differences(wanted, tables.present(cursor, schema)) == [], schema


def test_no_table_stands_on_both_levels() -> None:
    assert tables.expected(settings.SHARED_APPS) & tables.expected(settings.TENANT_APPS) == tables.RECORD


def test_a_tenant_stays_small(cursor: CursorWrapper, tenant_schemas: list[str]) -> None:
    for schema in tenant_schemas:
        assert tables.over_limits(len(tables.present(cursor, schema)), tables.index_count(cursor, schema)) == [], schema


@pytest.mark.usefixtures("database")
def test_no_model_is_without_its_migration() -> None:
    said = io.StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=said, stderr=said)
    except SystemExit:
        pytest.fail(said.getvalue())


@isolate_apps("crm.leads")
def test_a_model_without_a_table_and_a_table_without_a_model_are_told() -> None:
    class Breach(models.Model):
        class Meta:
            app_label = "leads"

    wanted = {"leads_lead", Breach._meta.db_table}
    assert tables.differences(wanted, {"leads_lead", "leads_left_over"}) == [
        "leads_breach is missing",
        "leads_left_over has no model here",
    ]


def test_too_many_are_told() -> None:
    assert tables.over_limits(120, 600) == []
    assert tables.over_limits(121, 600) == ["121 tables, at most 120"]
    assert tables.over_limits(120, 601) == ["601 indexes, at most 600"]
