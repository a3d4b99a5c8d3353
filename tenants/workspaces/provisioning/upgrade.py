"""Brings a whole database to this release: public tables, template, tenants, kept SQL, spares."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from guanxi.tenancy import public_scope
from guanxi.tenancy.context import PUBLIC_SCHEMA
from tenants.workspaces.models import SchemaTemplate, Workspace
from tenants.workspaces.provisioning.dump import TEMPLATE_SCHEMA, find_pg_dump
from tenants.workspaces.provisioning.schemas import (
    create_extensions,
    create_schema,
    current_release,
    has_schema,
    migrate_schema,
)
from tenants.workspaces.provisioning.spares import keep_template, refill_spares

Told = Callable[[str], None]
UPGRADE_LOCK = 0x6778_0002


class UpgradeFault(RuntimeError):
    """Some workspaces could not be migrated; the others are."""


def upgrade_database(*, told: Told, spares: int | None = None) -> None:
    """Do all that an empty or an older database needs; safe to repeat, quick when there is nothing to do.

    The template comes before the tenants: whoever signs up meanwhile gets a schema of the new release, and whoever
    signed up before is
    in the list that is read afterwards. One tenant that fails does not stop the others; UpgradeFault tells of it at the
    end.
    """
    with public_scope(), _alone(told):
        began = time.monotonic()
        for name in create_extensions():
            told(f"extension {name} created")
        _step(told, "public tables", lambda: migrate_schema(PUBLIC_SCHEMA))
        create_schema(TEMPLATE_SCHEMA)
        _step(told, "template schema", lambda: migrate_schema(TEMPLATE_SCHEMA, inhabited=False))
        _step(told, "kept SQL", keep_template)
        if find_pg_dump() is None:
            told("no pg_dump for this server: new schemas will be migrated, which takes seconds; set GUANXI_PG_DUMP")
        failed = _upgrade_workspaces(told)
        made = refill_spares(wanted=spares, told=lambda text: told(f"  {text}"))
        told(f"spare schemas: {made} made")
        told(f"the database is at release {current_release()} after {time.monotonic() - began:.1f} s")
    if failed:
        raise UpgradeFault("these workspaces could not be migrated: " + ", ".join(failed))


def is_upgraded() -> bool:
    """Return whether the database was brought to this release."""
    with public_scope():
        return has_schema(TEMPLATE_SCHEMA) and SchemaTemplate.objects.filter(release=current_release()).exists()


def _step(told: Told, title: str, run: Callable[[], bool]) -> None:
    began = time.monotonic()
    changed = run()
    told(f"{title}: {f'done in {time.monotonic() - began:.1f} s' if changed else 'nothing to do'}")


def _upgrade_workspaces(told: Told) -> list[str]:
    living = Workspace.objects.exclude(state=Workspace.State.DELETED)
    schemas = list(living.order_by("pk").values_list("schema_name", flat=True))
    failed, migrated = [], 0
    for number, schema in enumerate(schemas, start=1):
        if not has_schema(schema):
            continue  # A sign-up that still waits gets a schema of this release.
        began = time.monotonic()
        try:
            if migrate_schema(schema):
                migrated += 1
                told(f"  [{number}/{len(schemas)}] {schema}: done in {time.monotonic() - began:.1f} s")
        except Exception as fault:
            failed.append(schema)
            told(f"  [{number}/{len(schemas)}] {schema}: FAILED, {type(fault).__name__}: {fault}")
    told(
        f"workspaces: {migrated} of {len(schemas)} migrated, {len(schemas) - migrated - len(failed)} had nothing to do"
    )
    return failed


@contextmanager
def _alone(told: Told) -> Iterator[None]:
    """Let one upgrade run at a time; the second waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [UPGRADE_LOCK])
        if not cursor.fetchone()[0]:
            told("another upgrade is running; waiting for it")
            cursor.execute("SELECT pg_advisory_lock(%s)", [UPGRADE_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [UPGRADE_LOCK])
