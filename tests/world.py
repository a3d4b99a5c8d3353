"""The two tenants that every test finds, and the people in them."""

import uuid

from django.core.management import call_command
from django.db import connection

from guanxi.tenancy import TenantRef
from tests.people import PASSWORD, make_people

TENANTS = ("alpha", "beta")


def build_world() -> None:
    """Fill an empty database: the public tables, and two workspaces with the same people."""
    connection.set_schema_to_public()
    call_command("migrate_all", verbosity=0, spares=len(TENANTS))
    for slug in TENANTS:
        _make_workspace(slug)


def _make_workspace(slug: str) -> None:
    from tenants.workspaces.services import sign_up
    from tenants.workspaces.types import SignUpForm

    sign_up(
        form=SignUpForm(
            key=uuid.uuid5(uuid.NAMESPACE_DNS, slug),
            company=slug.capitalize(),
            slug=slug,
            name="Owner",
            email=f"owner@{slug}.example.com",
            phone="",
            password=PASSWORD,
            plan="trial",
            locale="zh-CN",
            accepts_terms=True,
        )
    )
    make_people(slug)


def tenant(slug: str) -> TenantRef:
    """Return one of the two tenants."""
    from tenants.workspaces.models import Workspace

    return Workspace.objects.get(slug=slug).ref
