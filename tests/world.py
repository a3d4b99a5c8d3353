"""The two tenants that every test finds, and the people in them."""

from django.core.management import call_command
from django.db import connection

from guanxi.tenancy import TenantRef

TENANTS = ("alpha", "beta")


def build_world() -> None:
    """Fill an empty database: the public tables, and two workspaces with the same people."""
    connection.set_schema_to_public()
    call_command("migrate_all", verbosity=0)
    for slug in TENANTS:
        _make_workspace(slug)


def _make_workspace(slug: str) -> None:
    from tests.people import make_people

    make_people(slug)


def tenant(slug: str) -> TenantRef:
    """Return one of the two tenants."""
    from tenants.workspaces.models import Workspace

    return Workspace.objects.get(slug=slug).ref
