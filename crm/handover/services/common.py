"""What the steps of a handover share: rights, states, giving many records to their new owners."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from crm.activities.services.handing import log_system_many
from crm.handover import events
from crm.handover.models import Handover
from crm.records.hooks import note_many_saved
from guanxi.access import Actor, in_scope, require
from guanxi.audit.services import record_audits
from guanxi.common import clock
from guanxi.common.errors import NotFound, PermissionDenied
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from tenants.members.selectors import actor_of_member_id, department_of, member_cards

MANAGE = "handover.manage"
MOVED, RETURNED = "handover.moved", "handover.returned"


def require_reach(actor: Actor, member_id: int | None) -> None:
    """Raise unless the actor may hand over what this member has; what is nobody's takes the whole workspace."""
    require(actor, MANAGE)
    if member_id is not None and member_id not in member_cards([member_id]):
        raise NotFound("member", member_id)
    if not in_scope(actor, MANAGE, owner_id=member_id, department_path=department_of(member_id)):
        raise PermissionDenied(MANAGE)


def working_actor(handover: Handover) -> Actor:
    """Return the actor in whose name a job works, with the rights of now; raise PermissionDenied when they are gone."""
    actor = actor_of_member_id(handover.made_by_id)
    if actor is None:
        raise PermissionDenied(MANAGE)
    require_reach(actor, handover.from_owner_id)
    return actor


def move_to(actor: Actor | None, handover: Handover, state: str, **changes: Any) -> None:
    """Save that a handover has come to a state, and tell whoever sees it."""
    handover.state = state
    for name, value in changes.items():
        setattr(handover, name, value)
    handover.updated_at = clock.now()
    handover.save()
    record_event(
        events.CHANGED,
        actor=actor,
        aggregate=("handover", handover.pk),
        data={"state": str(state)},
        audience=Audience(
            owner_id=handover.from_owner_id,
            department_path=handover.from_owner_department_path,
            permission="handover.read",
            member_ids=(handover.made_by_id, *handover.receiver_ids),
        ),
    )


def give_records(
    actor: Actor, kind: str, owners: Iterable[tuple[Any, int | None]], *, handover_id: int, undo: bool = False
) -> None:
    """Give locked records to their new owners in few statements. Owner and department change and nothing else: who
    wrote the record last, and when, stays.
    """
    path_of = lru_cache(maxsize=None)(department_of)
    records: list[Any] = []
    changes: dict[int, dict[str, tuple[Any, Any]]] = {}
    for record, owner_id in owners:
        changes[record.pk] = {"owner_id": (record.owner_id, owner_id)}
        record.owner_id, record.owner_department_path = owner_id, path_of(owner_id)
        record.version += 1
        records.append(record)
    if not records:
        return
    type(records[0])._default_manager.bulk_update(records, ["owner", "owner_department_path", "version"])
    record_audits(actor=actor, action="handover_undone" if undo else "handover", kind=kind, changes=changes)
    note_many_saved(actor, kind, records, ["owner_id", "owner_department_path"])
    if kind != "task":
        lines = {pk: _line(change["owner_id"], handover_id) for pk, change in changes.items()}
        log_system_many(actor=actor, event=RETURNED if undo else MOVED, kind=kind, lines=lines)


def _line(change: tuple[Any, Any], handover_id: int) -> dict[str, Any]:
    return {"from": change[0], "to": change[1], "handover_id": handover_id}


def tell_chunk(actor: Actor, handover: Handover, kind: str, owners: Mapping[int, int | None]) -> None:
    """Tell once of a chunk of records that changed hands: everybody's lists may have got or lost some."""
    if not owners:
        return
    record_event(
        events.HANDED_OVER[kind],
        actor=actor,
        aggregate=("handover", handover.pk),
        data={"ids": sorted(owners), "from": handover.from_owner_id, "to": sorted({pk or 0 for pk in owners.values()})},
        audience=Audience(everyone=True, permission=f"{kind}.read"),
    )
