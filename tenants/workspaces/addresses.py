"""The addresses that people see: of the base site and of each workspace."""

from urllib.parse import urlsplit

from django.conf import settings

from guanxi.tenancy import public_scope
from tenants.workspaces.models import Domain


def workspace_url(slug: str, path: str = "/", *, tenant_id: int | None = None) -> str:
    """Return the address of a page of a workspace, on its own domain when `tenant_id` is given and it has one."""
    base = urlsplit(settings.GUANXI_BASE_URL)
    host = _own_domain(tenant_id) if tenant_id is not None else None
    if host is None:
        host = f"{slug}.{settings.GUANXI_BASE_DOMAIN}"
    port = f":{base.port}" if base.port else ""
    return f"{base.scheme}://{host}{port}{path}"


def base_url(path: str = "/") -> str:
    """Return the address of a page of the base site."""
    return f"{settings.GUANXI_BASE_URL}{path}"


def _own_domain(tenant_id: int) -> str | None:
    with public_scope():
        primary = Domain.objects.filter(tenant_id=tenant_id, verified_at__isnull=False, is_primary=True)
        return primary.values_list("host", flat=True).first()
