"""A company's own host names for its workspace."""

import re
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from guanxi.access import Actor, require
from guanxi.audit import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound
from guanxi.common.ids import new_token
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.jobs.publishing import enqueue
from guanxi.tenancy import public_scope, require_tenant
from tenants.workspaces.directory import forget, forget_workspace
from tenants.workspaces.domain_records import Finding, look_for_challenge
from tenants.workspaces.events import DOMAIN_CHECKED
from tenants.workspaces.models import Domain, Workspace

HOST = re.compile(r"^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$")
MAX_DOMAINS = 10
TAKEN = "domain_taken"
PATIENCE = timedelta(days=14)


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


def request_domain_check(*, actor: Actor, domain_id: int) -> Domain:
    """Let a worker look for the DNS record now; the answer comes live."""
    require(actor, "domain.manage")
    domain = _own_domain(domain_id)
    if domain.verified_at is None:
        with transaction.atomic():
            # Imported late: the task's module names this one.
            from tenants.workspaces.tasks import check_domain as task

            enqueue(task, domain.pk)
    return domain


def check_domain(*, domain_id: int) -> Domain:
    """Look for the record of a host name, and let the name route once it is seen.

    What was found is kept for the page and told live: a record that is missing, one that says something else, another
    workspace that has proven the name before.
    """
    domain = _own_domain(domain_id)
    if domain.verified_at is not None:
        return domain
    finding = look_for_challenge(domain.host, domain.challenge)
    try:
        return _note_finding(domain_id, finding)
    except IntegrityError:
        return _note_finding(domain_id, TAKEN)


@transaction.atomic
def _note_finding(domain_id: int, finding: str) -> Domain:
    tenant = require_tenant()
    now = clock.now()
    with public_scope(), transaction.atomic():
        domain = Domain.objects.select_for_update().filter(pk=domain_id, tenant_id=tenant.id).first()
        if domain is None:
            raise NotFound("domain", domain_id)
        domain.checked_at, domain.finding = now, str(finding)
        if finding == Finding.PROVEN and domain.verified_at is None:
            domain.verified_at = domain.updated_at = now
            domain.is_primary = not Domain.objects.filter(tenant_id=tenant.id, is_primary=True).exists()
        domain.save(update_fields=["checked_at", "finding", "verified_at", "updated_at", "is_primary"])
        if domain.verified_at == now:
            forget_workspace(Workspace.objects.get(pk=tenant.id))
    proven = domain.verified_at == now
    if proven:
        changes = {"host": (None, domain.host)}
        actor = Actor.system("the DNS record was seen")
        record_audit(actor=actor, action="domain_proven", kind="workspace", record_id=tenant.id, changes=changes)
    record_event(
        DOMAIN_CHECKED,
        actor=None,
        aggregate=("workspace", tenant.id),
        data={"domain_id": domain_id, "finding": domain.finding, "proven": proven},
        audience=Audience(permission="domain.read"),
    )
    return domain


def make_domain_primary(*, actor: Actor, domain_id: int) -> Domain:
    """Let links in mails and on pages name this host; it must have been proven."""
    require(actor, "domain.manage")
    tenant = require_tenant()
    domain = _own_domain(domain_id)
    if domain.verified_at is None:
        raise Conflict("domain_unproven", "This host name is not proven yet; its DNS record was not seen.")
    with transaction.atomic():
        with public_scope():
            Domain.objects.filter(tenant_id=tenant.id, is_primary=True).update(is_primary=False)
            Domain.objects.filter(pk=domain.pk).update(is_primary=True, updated_at=clock.now())
            forget_workspace(Workspace.objects.get(pk=tenant.id))
        changes = {"host": (None, domain.host)}
        record_audit(actor=actor, action="domain_primary", kind="workspace", record_id=tenant.id, changes=changes)
    domain.is_primary = True
    return domain


def check_waiting_domains() -> int:
    """Look for the records of the names that were added in the last two weeks; return how many names those are."""
    tenant = require_tenant()
    with public_scope():
        since = clock.now() - PATIENCE
        waiting = list(
            Domain.objects.filter(tenant_id=tenant.id, verified_at=None, created_at__gt=since).values_list(
                "pk", flat=True
            )
        )
    for domain_id in waiting:
        check_domain(domain_id=domain_id)
    return len(waiting)


def _own_domain(domain_id: int) -> Domain:
    tenant = require_tenant()
    with public_scope():
        domain = Domain.objects.filter(pk=domain_id, tenant_id=tenant.id).first()
    if domain is None:
        raise NotFound("domain", domain_id)
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
