"""Sets pools up."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.pools import events
from crm.pools.models import Pool, RecycleRule
from crm.pools.selectors.access import access_pool
from crm.pools.selectors.kinds import KINDS
from crm.pools.selectors.masks import maskable
from crm.pools.selectors.reading import entries_of
from crm.pools.services.common import tell_pool
from guanxi.access import Actor, in_scope, require
from guanxi.audit.services import record_audit
from guanxi.audit.snapshots import diff, snapshot
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, PermissionDenied, VersionConflict
from tenants.members.selectors import active_member_ids, visible_departments

FIELDS = [
    "name",
    "position",
    "manager_ids",
    "member_ids",
    "department_ids",
    "masked_fields",
    "hidden_fields",
    "return_reasons",
    "daily_quota",
    "held_limit",
    "cooldown_days",
    "delay_hours",
    "view_limit",
    "protection_days",
]
NULLABLE = {"daily_quota", "held_limit", "view_limit"}


def _clean(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = {
        name: value for name, value in values.items() if name in FIELDS and (value is not None or name in NULLABLE)
    }
    if "name" in cleaned:
        cleaned["name"] = " ".join(cleaned["name"].split())
        if not cleaned["name"]:
            raise Invalid("name_missing", "A name is needed. Nothing was saved.", fields={"name": "missing"})
    if "return_reasons" in cleaned:
        cleaned["return_reasons"] = [text.strip() for text in cleaned["return_reasons"] if text.strip()]
    _check_people(cleaned)
    for name in {"masked_fields", "hidden_fields"} & cleaned.keys():
        if not set(cleaned[name]) <= set(maskable(kind)):
            raise Invalid("unknown_field", "A pool does not show this field.", fields={name: "unknown"})
    return cleaned


def _check_people(cleaned: Mapping[str, Any]) -> None:
    for name in {"manager_ids", "member_ids"} & cleaned.keys():
        if set(active_member_ids(cleaned[name])) != set(cleaned[name]):
            raise Invalid("unknown_member", "These are not all members at work.", fields={name: "unknown"})
    if wanted := set(cleaned.get("department_ids", [])):
        known = visible_departments(Actor.system("a pool's departments")).filter(pk__in=wanted).count()
        if known != len(wanted):
            raise Invalid("unknown_department", "A department is not known.", fields={"department_ids": "unknown"})


@transaction.atomic
def create_pool(*, actor: Actor, kind: str, values: Mapping[str, Any]) -> Pool:
    """Make a pool; who manages only some pools cannot make more of them."""
    require(actor, "pool.manage")
    if not in_scope(actor, "pool.manage", owner_id=None, department_path=""):
        raise PermissionDenied("pool.manage")
    if kind not in KINDS:
        raise Invalid("unknown_kind", "Pools hold leads or customers.", fields={"kind": "unknown"})
    now = clock.now()
    pool = Pool.objects.create(kind=kind, created_at=now, updated_at=now, **_clean(kind, values))
    record_audit(actor=actor, action="create", kind="pool", record_id=pool.pk)
    tell_pool(actor, pool, events.POOL_CHANGED)
    return pool


@transaction.atomic
def update_pool(*, actor: Actor, pool_id: int, changes: Mapping[str, Any], version: int | None = None) -> Pool:
    """Change a pool that one manages."""
    require(actor, "pool.manage")
    pool = access_pool(actor, pool_id, manage=True, lock=True)
    if version is not None and version != pool.version:
        raise VersionConflict(pool.version)
    cleaned = _clean(pool.kind, changes)
    before = snapshot(pool, list(cleaned))
    for name, value in cleaned.items():
        setattr(pool, name, value)
    changed = diff(before, snapshot(pool, list(cleaned)))
    if changed:
        pool.version += 1
        pool.updated_at = clock.now()
        pool.save()
        record_audit(actor=actor, action="update", kind="pool", record_id=pool.pk, changes=changed)
        tell_pool(actor, pool, events.POOL_CHANGED)
    return pool


@transaction.atomic
def archive_pool(*, actor: Actor, pool_id: int) -> None:
    """Take an empty pool out of use; its ledger stays, its rule ends."""
    require(actor, "pool.manage")
    pool = access_pool(actor, pool_id, manage=True, lock=True)
    if entries_of(pool).exists():
        raise Conflict("pool_not_empty", "There are records in this pool. Assign or move them first.")
    pool.archived_at = pool.updated_at = clock.now()
    pool.version += 1
    pool.save()
    live = RecycleRule.objects.filter(pool=pool, state=RecycleRule.State.LIVE)
    live.update(state=RecycleRule.State.RETIRED, retired_at=clock.now(), updated_at=clock.now())
    record_audit(actor=actor, action="archive", kind="pool", record_id=pool.pk)
    tell_pool(actor, pool, events.POOL_CHANGED)
