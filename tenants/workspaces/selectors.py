"""Reads workspaces and what leads to them."""

from uuid import UUID

from django.db.models import QuerySet

from guanxi.access import Actor, require
from guanxi.tenancy import TenantRef, public_scope, require_tenant
from tenants.workspaces.addresses import base_url, workspace_url
from tenants.workspaces.directory import find_by_host, find_by_route, find_tenant, list_tenants
from tenants.workspaces.models import Domain, EmailPresence, SignUp, Workspace
from tenants.workspaces.services.presence import email_digest
from tenants.workspaces.slugs import check_subdomain, suggest
from tenants.workspaces.types import WorkspaceCard

__all__ = [
    "base_url",
    "card_of",
    "check_subdomain",
    "current_workspace",
    "find_by_host",
    "find_tenant",
    "find_workspaces_of_email",
    "list_tenants",
    "resolve_route",
    "sign_up_by_key",
    "suggest",
    "visible_domains",
    "workspace_url",
]


def resolve_route(kind: str, key: str) -> TenantRef | None:
    """Return the workspace that an outside key leads to, such as ("wechat_app", "wx123…"); None when to none."""
    return find_by_route(kind, key)


def current_workspace() -> WorkspaceCard:
    """Return what the current workspace shows of itself."""
    tenant = require_tenant()
    with public_scope():
        row = Workspace.objects.get(pk=tenant.id)
    return card_of(row)


def card_of(row: Workspace) -> WorkspaceCard:
    """Return a workspace's card."""
    return WorkspaceCard(
        id=row.pk,
        name=row.name,
        slug=row.slug,
        state=row.state,
        locale=row.locale,
        timezone=row.timezone,
        currency=row.currency,
        plan_code=row.plan_code,
        url=workspace_url(row.slug),
    )


def find_workspaces_of_email(email: str) -> list[WorkspaceCard]:
    """Return the workspaces in which somebody with this address works, oldest first."""
    with public_scope():
        ids = EmailPresence.objects.filter(digest=email_digest(email)).values("workspace_id")
        gone = (Workspace.State.PROVISIONING, Workspace.State.DELETED)
        return [card_of(row) for row in Workspace.objects.filter(pk__in=ids).exclude(state__in=gone).order_by("pk")]


def workspace_by_slug(slug: str) -> Workspace | None:
    """Return a workspace by its subdomain, None for an unknown one."""
    return Workspace.objects.filter(slug=slug).first()


def sign_up_by_key(key: UUID) -> SignUp | None:
    """Return a sign-up by the key that its page made up."""
    with public_scope():
        return SignUp.objects.select_related("workspace").filter(key=key).first()


def visible_domains(actor: Actor) -> QuerySet[Domain]:
    """Return the current workspace's own domains."""
    require(actor, "domain.read")
    return Domain.objects.filter(tenant_id=require_tenant().id).order_by("pk")
