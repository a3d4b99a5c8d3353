"""Schemas: replayed ones are what migrated ones are, releases never mix, and one command does everything."""

import io
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from guanxi.tenancy.raw import raw_schema
from tenants.workspaces.models import SchemaTemplate, SpareSchema, Workspace
from tenants.workspaces.provisioning import dump, schemas, spares, upgrade
from tenants.workspaces.provisioning.dump import TEMPLATE_SCHEMA, dump_schema

pytestmark = pytest.mark.usefixtures("database")
APPLIED_AT = re.compile(r"'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^']*'")


def normalised(schema: str) -> list[str]:
    """Return the dump of a schema without its name and without the times of its migrations.

    PostgreSQL writes a migration's `IN (…)` and its own dump of it in two ways that mean the same; read in once, both
    are written alike.
    """
    text = dump_schema(schema)
    assert text is not None
    with raw_schema("public"), connection.cursor() as cursor:
        cursor.execute(text.replace(schema, "read_in_once"))
    again = dump_schema("read_in_once")
    assert again is not None
    schemas.drop_schema("read_in_once")
    return APPLIED_AT.sub("'…'", again).splitlines()


@pytest.mark.committed
def test_replayed_migrated_and_claimed_schemas_are_identical(monkeypatch: pytest.MonkeyPatch) -> None:
    replayed = spares.make_spare()
    monkeypatch.setattr(dump, "find_pg_dump", lambda: None)
    SchemaTemplate.objects.all().delete()
    assert spares.keep_template() is True
    assert SchemaTemplate.objects.get().sql == ""
    migrated = spares.make_spare()
    monkeypatch.undo()
    dumped = normalised(replayed)
    assert len(dumped) > 500
    assert any("INSERT INTO read_in_once.django_content_type" in line for line in dumped)
    assert dumped == normalised(migrated)
    SpareSchema.objects.exclude(schema=replayed).delete()
    with transaction.atomic():
        assert spares.claim_spare("t_claimed") is True
    assert normalised("t_claimed") == dumped


def test_replayed_schema_is_migrated_to_the_last() -> None:
    assert schemas.is_current(spares.make_spare())


def test_claim_takes_the_oldest_and_ends_with_none() -> None:
    SpareSchema.objects.all().delete()
    first, second = spares.make_spare(), spares.make_spare()
    assert spares.claim_spare("t_one") is True
    assert [spare.schema for spare in SpareSchema.objects.all()] == [second]
    assert schemas.has_schema("t_one")
    assert not schemas.has_schema(first)
    assert spares.claim_spare("t_two") is True
    assert spares.claim_spare("t_three") is False


def test_refill_makes_what_is_missing_and_no_more(settings: Any) -> None:
    SpareSchema.objects.all().delete()
    settings.GUANXI_SPARE_SCHEMAS = 2
    assert spares.spares_missing() == 2
    assert spares.refill_spares(at_most=1) == 1
    assert spares.refill_spares() == 1
    assert spares.refill_spares() == 0
    assert spares.spares_missing() == 0


@pytest.mark.committed
def test_another_release_throws_old_spares_away(monkeypatch: pytest.MonkeyPatch) -> None:
    old = spares.make_spare()
    monkeypatch.setattr(spares, "current_release", lambda: "another")
    assert spares.keep_template() is True
    assert not SpareSchema.objects.exists()
    assert not schemas.has_schema(old)
    assert SchemaTemplate.objects.get().release == "another"
    fresh = spares.make_spare()
    assert SpareSchema.objects.get().schema == fresh
    assert SpareSchema.objects.get().release == "another"


def test_upgrade_of_a_current_database_does_nothing() -> None:
    said: list[str] = []
    upgrade.upgrade_database(told=said.append, spares=0)
    assert "public tables: nothing to do" in said
    assert "template schema: nothing to do" in said
    assert "kept SQL: nothing to do" in said
    assert "workspaces: 0 of 2 migrated, 2 had nothing to do" in said
    assert upgrade.is_upgraded()


@pytest.mark.committed
def test_upgrade_migrates_who_is_behind_and_one_failure_stops_nobody() -> None:
    alpha, beta = Workspace.objects.order_by("pk").values_list("schema_name", flat=True)
    with raw_schema("public"), connection.cursor() as cursor:
        for schema in (alpha, beta):
            cursor.execute(f"DELETE FROM \"{schema}\".django_migrations WHERE app = 'usersessions'")
        # In alpha the table still stands, so that creating it again fails.
        cursor.execute(f'DROP TABLE "{beta}".usersessions_usersession')
    assert not schemas.is_current(beta)
    said: list[str] = []
    with pytest.raises(upgrade.UpgradeFault, match=alpha):
        upgrade.upgrade_database(told=said.append, spares=0)
    assert any(f"{alpha}: FAILED" in line for line in said)
    assert schemas.is_current(beta)


def test_migrate_all_tells_what_it_does() -> None:
    out = io.StringIO()
    call_command("migrate_all", spares=0, stdout=out)
    assert "the database is at release" in out.getvalue()


def test_shared_and_tenant_tables_do_not_overlap() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', %s)", [TEMPLATE_SCHEMA]
        )
        rows = cursor.fetchall()
    public = {table for schema, table in rows if schema == "public"}
    tenant = {table for schema, table in rows if schema == TEMPLATE_SCHEMA}
    assert public & tenant == {"django_migrations"}
    assert "workspaces_workspace" in public
    assert "members_member" in tenant


def test_pg_dump_of_an_older_major_version_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, settings: Any
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n")
    old.chmod(0o755)
    settings.GUANXI_PG_DUMP = str(old)
    dump.find_pg_dump.cache_clear()
    try:
        assert dump.find_pg_dump() != str(old)
    finally:
        dump.find_pg_dump.cache_clear()


@pytest.mark.committed
def test_failing_pg_dump_is_told_with_its_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    broken = tmp_path / "pg_dump"
    broken.write_text("#!/bin/sh\necho 'out of luck' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(dump, "find_pg_dump", lambda: str(broken))
    with pytest.raises(dump.DumpFault, match="out of luck"):
        dump_schema(TEMPLATE_SCHEMA)


def test_dump_keeps_no_password_in_its_arguments() -> None:
    where, password = dump._conninfo()
    assert password
    assert password not in where
