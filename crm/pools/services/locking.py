"""Locks records against being recycled, and opens them again."""

from datetime import datetime
from typing import Any

from django.db import transaction

from crm.pools.models import Holding, PoolMove
from crm.pools.selectors.kinds import KINDS
from crm.pools.services.common import HOLDING_DUE, tell_holding, write_move
from crm.records.registry import access_record
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound
from guanxi.timers.services import cancel_timer


def _record(actor: Actor, kind: str, record_id: int) -> Any:
    require(actor, "pool.manage")
    if kind not in KINDS:
        raise NotFound("record kind", kind)
    record = access_record(actor, kind, record_id)
    if record.owner_id is None:
        raise Conflict("nobodys_record", "The record is nobody's; there is nothing to lock.")
    return record


@transaction.atomic
def lock_record(*, actor: Actor, kind: str, record_id: int, reason: str, until: datetime | None = None) -> Holding:
    """Keep a record with its owner whatever the rules say, for ever or until a moment."""
    record = _record(actor, kind, record_id)
    if until is not None and until <= clock.now():
        raise Invalid("moment_past", "The end of a lock lies in the future.", fields={"until": "past"})
    holding, _ = Holding.objects.update_or_create(
        kind=kind,
        record_id=record_id,
        defaults={
            "owner_id": record.owner_id,
            "locked_at": clock.now(),
            "locked_until": until,
            "locked_by_id": actor.member_id,
            "lock_reason": reason.strip(),
            "due_at": None,
            "warned_days": None,
            "rule": None,
        },
    )
    cancel_timer(HOLDING_DUE, holding.pk)
    _note(actor, holding, PoolMove.Action.LOCKED, reason.strip())
    return holding


@transaction.atomic
def unlock_record(*, actor: Actor, kind: str, record_id: int) -> Holding:
    """Open a locked record for the rules again."""
    _record(actor, kind, record_id)
    holding = Holding.objects.filter(kind=kind, record_id=record_id, locked_at__isnull=False).first()
    if holding is None:
        raise Conflict("not_locked", "The record is not locked.")
    holding.locked_at = holding.locked_until = holding.locked_by_id = None
    holding.lock_reason = ""
    holding.save(update_fields=["locked_at", "locked_until", "locked_by_id", "lock_reason"])
    _note(actor, holding, PoolMove.Action.UNLOCKED, "")
    return holding


def _note(actor: Actor, holding: Holding, action: PoolMove.Action, reason: str) -> None:
    until = holding.locked_until.isoformat() if holding.locked_until else None
    write_move(
        actor,
        pool=None,
        kind=holding.kind,
        record_id=holding.record_id,
        action=action,
        from_owner_id=holding.owner_id,
        to_owner_id=holding.owner_id,
        reason=reason,
        after={"locked_until": until},
    )
    record_audit(actor=actor, action=f"pool_{action.value}", kind=holding.kind, record_id=holding.record_id)
    tell_holding(holding)
