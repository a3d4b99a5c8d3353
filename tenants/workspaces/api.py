"""The workspace's own settings: its name, language and domains."""

from typing import Any

from guanxi.http.router import ApiRequest, AppRouter
from tenants.workspaces.domain_records import record_name
from tenants.workspaces.models import Domain
from tenants.workspaces.schemas import DomainIn, DomainOut, DomainsOut, Status, WorkspaceChangesIn, WorkspaceOut
from tenants.workspaces.selectors import card_of, current_workspace, visible_domains
from tenants.workspaces.services import (
    add_domain,
    make_domain_primary,
    remove_domain,
    request_domain_check,
    update_workspace,
)
from tenants.workspaces.types import WorkspaceCard

router = AppRouter(tag="workspace")


@router.get("/workspace", permission="workspace.read", response=WorkspaceOut)
def workspace_get(request: ApiRequest) -> WorkspaceCard:
    """Return the workspace."""
    return current_workspace()


@router.patch("/workspace", permission="workspace.update", response=WorkspaceOut)
def workspace_update(request: ApiRequest, body: WorkspaceChangesIn) -> WorkspaceCard:
    """Change name, language, time zone or currency."""
    return card_of(update_workspace(actor=request.actor, changes=body.dict(exclude_unset=True)))


@router.get("/domains", permission="domain.read", response=DomainsOut, private="belongs to the owner's settings")
def domains_list(request: ApiRequest) -> dict[str, Any]:
    """Return the company's own host names, with the DNS record that proves each."""
    return {"items": [_shown(domain) for domain in visible_domains(request.actor)]}


@router.post(
    "/domains", permission="domain.manage", response={201: DomainOut}, private="belongs to the owner's settings"
)
def domains_create(request: ApiRequest, body: DomainIn) -> Status[dict[str, Any]]:
    """Add a host name; it routes nobody before it is proven."""
    return Status(201, _shown(add_domain(actor=request.actor, host=body.host)))


@router.post(
    "/domains/{int:domain_id}/check",
    permission="domain.manage",
    response={202: DomainOut},
    private="belongs to the owner's settings",
)
def domains_check(request: ApiRequest, domain_id: int) -> Status[dict[str, Any]]:
    """Look for the DNS record now; what was found comes over the socket and stands in the list."""
    return Status(202, _shown(request_domain_check(actor=request.actor, domain_id=domain_id)))


@router.post(
    "/domains/{int:domain_id}/primary",
    permission="domain.manage",
    response=DomainOut,
    private="belongs to the owner's settings",
)
def domains_primary(request: ApiRequest, domain_id: int) -> dict[str, Any]:
    """Let links name this host from now on."""
    return _shown(make_domain_primary(actor=request.actor, domain_id=domain_id))


@router.delete(
    "/domains/{int:domain_id}",
    permission="domain.manage",
    response={204: None},
    private="belongs to the owner's settings",
)
def domains_delete(request: ApiRequest, domain_id: int) -> Status[None]:
    """Remove a host name."""
    remove_domain(actor=request.actor, domain_id=domain_id)
    return Status(204, None)


def _shown(domain: Domain) -> dict[str, Any]:
    return {
        "id": domain.pk,
        "host": domain.host,
        "record_name": record_name(domain.host),
        "record_value": domain.challenge,
        "verified_at": domain.verified_at,
        "is_primary": domain.is_primary,
        "checked_at": domain.checked_at,
        "finding": domain.finding,
    }
