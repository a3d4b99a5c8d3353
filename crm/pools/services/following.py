"""What pools do when a record changes hands elsewhere: by an assignment, a handover, a merge."""

from crm.pools import events
from crm.pools.models import Holding, PoolEntry, PoolMove
from crm.pools.selectors.kinds import KINDS
from crm.pools.services.common import HOLDING_DUE, is_moving, tell_pool, write_move
from crm.records.base import Record
from guanxi.access import Actor
from guanxi.timers.services import cancel_timer


def follow_owner(actor: Actor, kind: str, record: Record, fields: frozenset[str]) -> None:
    """Take a record that has got an owner out of its pool, and begin anew to reckon when it is due to come back."""
    if kind not in KINDS or "owner_id" not in fields or "id" in fields or is_moving():
        return
    if record.owner_id is not None:
        entry = PoolEntry.objects.select_related("pool").filter(kind=kind, record_id=record.pk).first()
        if entry is not None:
            _leave(actor, kind, record, entry)
    holding = Holding.objects.filter(kind=kind, record_id=record.pk).first()
    if holding is not None:
        # A lock is on the record, whoever has it; protection and due date were the former owner's.
        cancel_timer(HOLDING_DUE, holding.pk)
        Holding.objects.filter(pk=holding.pk).update(
            owner_id=record.owner_id, due_at=None, warned_days=None, protected_until=None, rule=None
        )


def _leave(actor: Actor, kind: str, record: Record, entry: PoolEntry) -> None:
    PoolEntry.objects.filter(pk=entry.pk).delete()
    write_move(
        actor,
        pool=entry.pool,
        kind=kind,
        record_id=record.pk,
        action=PoolMove.Action.LEFT,
        to_owner_id=record.owner_id,
    )
    tell_pool(actor, entry.pool, events.ENTRY_TAKEN, entry_id=entry.pk, record_id=record.pk)
