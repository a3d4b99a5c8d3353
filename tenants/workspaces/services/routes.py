"""Keys of outside callers that lead to the current workspace."""

from django.db import transaction

from guanxi.common.errors import Conflict
from guanxi.tenancy import public_scope, require_tenant
from tenants.workspaces.directory import forget
from tenants.workspaces.models import ExternalRoute


def register_route(kind: str, key: str) -> None:
    """Let an outside key lead to the current workspace; raise Conflict("route_taken") when it leads to another one."""
    tenant = require_tenant()
    with public_scope(), transaction.atomic():
        ExternalRoute.objects.bulk_create(
            [ExternalRoute(kind=kind, key=key, workspace_id=tenant.id)], ignore_conflicts=True
        )
        if ExternalRoute.objects.get(kind=kind, key=key).workspace_id != tenant.id:
            raise Conflict("route_taken", "This key or app belongs to another workspace.", params={"kind": kind})
        forget(f"workspace:route:{kind}:{key[:200]}")


def release_route(kind: str, key: str) -> None:
    """Let the key lead nowhere; one of another workspace stays as it is."""
    tenant = require_tenant()
    with public_scope(), transaction.atomic():
        ExternalRoute.objects.filter(kind=kind, key=key, workspace_id=tenant.id).delete()
        forget(f"workspace:route:{kind}:{key[:200]}")
