"""Spare schemas: made in the background, renamed in the request of a sign-up."""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from guanxi.common import clock
from guanxi.tenancy import public_scope
from guanxi.tenancy.context import PUBLIC_SCHEMA
from guanxi.tenancy.raw import raw_schema
from tenants.workspaces.models import SchemaTemplate, SpareSchema
from tenants.workspaces.provisioning.dump import TEMPLATE_SCHEMA, dump_schema
from tenants.workspaces.provisioning.schemas import create_schema, current_release, drop_schema, migrate_schema

log = logging.getLogger(__name__)
REFILL_LOCK = 0x6778_0001


class NoTemplate(RuntimeError):
    """`migrate_all` has not run on this database."""


def keep_template() -> bool:
    """Keep the template's SQL for this release, throw spares of another one away; return whether that was due.

    The row is replaced under its lock, and every spare is made under the same lock: so no spare of the old release
    outlives it.
    """
    release = current_release()
    if SchemaTemplate.objects.filter(release=release).exclude(sql="").exists():
        return False
    text = dump_schema(TEMPLATE_SCHEMA)
    with transaction.atomic():
        list(SchemaTemplate.objects.select_for_update())
        SchemaTemplate.objects.exclude(release=release).delete()
        SchemaTemplate.objects.update_or_create(release=release, defaults={"sql": text or "", "made_at": clock.now()})
        for spare in SpareSchema.objects.select_for_update().exclude(release=release):
            drop_schema(spare.schema)
            spare.delete()
    return True


def make_spare() -> str:
    """Make one spare schema and return its name."""
    schema = f"spare_{secrets.token_hex(5)}"
    with transaction.atomic():
        template = _locked_template()
        if template.sql:
            _replay(template.sql, schema)
            SpareSchema.objects.create(schema=schema, release=template.release)
            return schema
    # Without pg_dump the schema is migrated, outside of a transaction as everywhere; only then is it offered.
    create_schema(schema)
    migrate_schema(schema, inhabited=False)
    with transaction.atomic():
        if _locked_template().release == template.release:
            SpareSchema.objects.create(schema=schema, release=template.release)
            return schema
    drop_schema(schema)
    raise RuntimeError("the release changed while a schema was made; it was thrown away")


def _locked_template() -> SchemaTemplate:
    template = SchemaTemplate.objects.select_for_update().order_by("-made_at").first()
    if template is None:
        raise NoTemplate("no template is kept; run `guanxi manage migrate_all`")
    return template


def _replay(text: str, schema: str) -> None:
    # A statement without parameters goes to the server as it is, all of its commands at once.
    with raw_schema(PUBLIC_SCHEMA), connection.cursor() as cursor:
        cursor.execute(text.replace(TEMPLATE_SCHEMA, schema))


def claim_spare(schema: str) -> bool:
    """Take the oldest spare that nobody else is taking and name it `schema`, in the caller's transaction.

    False when there is none.
    """
    spare = SpareSchema.objects.select_for_update(skip_locked=True).order_by("pk").first()
    if spare is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(sql.Identifier(spare.schema), sql.Identifier(schema))
        )
    spare.delete()
    return True


def refill_spares(
    *, wanted: int | None = None, told: Callable[[str], None] = log.info, at_most: int | None = None
) -> int:
    """Make spares until there are `wanted`, `at_most` of them in this call; return how many were made.

    One process at a time refills; a second one returns at once.
    """
    goal = settings.GUANXI_SPARE_SCHEMAS if wanted is None else wanted
    made = 0
    with public_scope(), _only_one() as alone:
        while alone and (at_most is None or made < at_most) and SpareSchema.objects.count() < goal:
            schema = make_spare()
            made += 1
            told(f"spare schema {schema} ({made})")
    return made


def spares_missing() -> int:
    """Return how many spares are wanted still."""
    with public_scope():
        return max(0, int(settings.GUANXI_SPARE_SCHEMAS) - SpareSchema.objects.count())


@contextmanager
def _only_one() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [REFILL_LOCK])
        taken = bool(cursor.fetchone()[0])
    try:
        yield taken
    finally:
        if taken:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [REFILL_LOCK])
