"""The two tenants that every test finds, and the people in them."""

import uuid

from django.core.management import call_command

from guanxi.tenancy import TenantRef, public_scope
from tests.people import PASSWORD, make_people

# "beta" itself is a reserved subdomain.
TENANTS = {"alpha": "alpha", "beta": "beta-tea"}


def build_world() -> None:
    """Fill an empty database: the public tables, and two workspaces with the same people."""
    with public_scope():
        call_command("migrate_all", verbosity=0, spares=len(TENANTS))
        for name in TENANTS:
            _make_workspace(name)


def _make_workspace(name: str) -> None:
    from tenants.workspaces.services import sign_up
    from tenants.workspaces.types import SignUpForm

    sign_up(
        form=SignUpForm(
            key=uuid.uuid5(uuid.NAMESPACE_DNS, name),
            company=name.capitalize(),
            slug=TENANTS[name],
            name="Owner",
            email=f"owner@{name}.example.com",
            phone="",
            password=PASSWORD,
            plan="trial",
            locale="zh-CN",
            accepts_terms=True,
        )
    )
    make_people(name)


def tenant(name: str) -> TenantRef:
    """Return one of the two tenants."""
    from tenants.workspaces.models import Workspace

    return Workspace.objects.get(slug=TENANTS[name]).ref
