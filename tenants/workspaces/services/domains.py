"""A company's own host names for its workspace."""

import re

from django.conf import settings
from django.db import IntegrityError, transaction

from guanxi.access import Actor, require
from guanxi.audit import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound
from guanxi.common.ids import new_token
from guanxi.tenancy import public_scope, require_tenant
from tenants.workspaces.directory import forget, forget_workspace
from tenants.workspaces.models import Domain, Workspace

HOST = re.compile(r"^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$")
MAX_DOMAINS = 10


def add_domain(*, actor: Actor, host: str) -> Domain:
    """Add a host name; it routes nobody until the DNS record with its challenge was seen."""
    require(actor, "domain.manage")
    name = _normal(host)
    tenant = require_tenant()
    with transaction.atomic():
        with public_scope():
            Workspace.objects.select_for_update().get(pk=tenant.id)
            if Domain.objects.filter(tenant_id=tenant.id).count() >= MAX_DOMAINS:
                raise Conflict(
                    "too_many_domains", f"A workspace has at most {MAX_DOMAINS} domains.", params={"limit": MAX_DOMAINS}
                )
            domain, _ = Domain.objects.get_or_create(
                tenant_id=tenant.id, host=name, defaults={"challenge": new_token("gx-verify-", 16)}
            )
        record_audit(
            actor=actor, action="domain_added", kind="workspace", record_id=tenant.id, changes={"host": (None, name)}
        )
    return domain


def remove_domain(*, actor: Actor, domain_id: int) -> None:
    """Remove a host name; from now on it leads nowhere."""
    require(actor, "domain.manage")
    tenant = require_tenant()
    with transaction.atomic():
        with public_scope():
            domain = Domain.objects.filter(pk=domain_id, tenant_id=tenant.id).first()
            if domain is None:
                raise NotFound("domain", domain_id)
            domain.delete()
            forget(f"workspace:host:{domain.host}")
        record_audit(
            actor=actor,
            action="domain_removed",
            kind="workspace",
            record_id=tenant.id,
            changes={"host": (domain.host, None)},
        )


def confirm_domain(*, actor: Actor, domain_id: int) -> Domain:
    """Let a host name route, since its DNS record was seen.

    Raise Conflict("domain_taken") when another workspace has proven it.
    """
    require(actor, "domain.manage")
    tenant = require_tenant()
    with public_scope(), transaction.atomic():
        domain = Domain.objects.select_for_update().filter(pk=domain_id, tenant_id=tenant.id).first()
        if domain is None:
            raise NotFound("domain", domain_id)
        if domain.verified_at is not None:
            return domain
        domain.verified_at = domain.updated_at = clock.now()
        domain.is_primary = not Domain.objects.filter(tenant_id=tenant.id, is_primary=True).exists()
        try:
            with transaction.atomic():
                domain.save(update_fields=["verified_at", "updated_at", "is_primary"])
        except IntegrityError as fault:
            raise Conflict("domain_taken", f"{domain.host} is proven to belong to another workspace.") from fault
        forget_workspace(Workspace.objects.get(pk=tenant.id))
    return domain


def _normal(host: str) -> str:
    name = host.strip().lower().rstrip(".")
    try:
        name = name.encode("idna").decode("ascii")
    except UnicodeError as fault:
        raise Invalid("invalid_domain", "This is no domain name.", fields={"host": "format"}) from fault
    if not HOST.match(name):
        raise Invalid("invalid_domain", "This is no domain name.", fields={"host": "format"})
    base = settings.GUANXI_BASE_DOMAIN
    if name == base or name.endswith(f".{base}") or name in settings.GUANXI_BASE_HOSTS:
        raise Invalid("domain_reserved", f"Names below {base} are the platform's own.", fields={"host": "reserved"})
    return name
