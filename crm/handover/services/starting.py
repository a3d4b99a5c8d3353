"""Begins a handover: who may, to whom, what."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from crm.handover.models import Handover
from crm.handover.services.common import move_to, require_reach
from crm.handover.services.previewing import preview_handover
from crm.handover.types import KINDS, MAX_CHOSEN, RECORDS, RUN_JOB, Target, What
from crm.pools.selectors import access_pool
from crm.records.lists import list_rows
from guanxi.access import Actor
from guanxi.audit.services import record_audit
from guanxi.common.errors import Invalid, PermissionDenied
from guanxi.jobs import create_job
from tenants.members.selectors import active_member_ids, department_of


@transaction.atomic
def start_handover(*, actor: Actor, from_member_id: int | None, what: What, target: Target, note: str = "") -> Handover:
    """Let a worker hand over what a member has, or what nobody has, to others; stages and history stay."""
    require_reach(actor, from_member_id)
    if actor.member_id is None:
        raise PermissionDenied("handover.manage")
    check_what(what)
    check_target(actor, from_member_id, what, target)
    preview = preview_handover(actor=actor, from_member_id=from_member_id, what=what, target=target)
    handover = Handover(
        from_owner_id=from_member_id,
        from_owner_department_path=department_of(from_member_id),
        made_by_id=actor.member_id,
        what=what.to_json(),
        target=target.to_json(),
        receiver_ids=target.receiver_ids,
        note=note.strip()[:500],
        preview=preview,
        cursor={"kinds": [kind for kind in KINDS if kind in what.kinds]},
    )
    handover.save()
    job = create_job(actor=actor, kind=RUN_JOB, params={"handover_id": handover.pk})
    changes: Mapping[str, tuple[Any, Any]] = {
        "from": (None, from_member_id),
        "to": (None, target.receiver_ids),
        "kinds": (None, list(what.kinds)),
    }
    record_audit(actor=actor, action="start", kind="handover", record_id=handover.pk, changes=changes)
    move_to(actor, handover, Handover.State.RUNNING, job_id=job.pk)
    return handover


def check_what(what: What) -> None:
    """Raise Invalid for kinds that cannot be handed over, and for more chosen records than one handover takes."""
    if not what.kinds or not set(what.kinds) <= set(KINDS) or not set(what.ids) <= set(RECORDS):
        raise Invalid("handover_kinds", "Choose what is to be handed over.", fields={"kinds": "unknown"})
    if sum(map(len, what.ids.values())) > MAX_CHOSEN:
        raise Invalid("too_many_records", "So many cannot be chosen one by one.", fields={"ids": "too_many"})


def check_named(*, actor: Actor, from_member_id: int | None, target: Target) -> None:
    """Raise Invalid unless every receiver is at work and is somebody else, and every pool is the actor's to fill."""
    receivers = target.receiver_ids
    if from_member_id is not None and from_member_id in receivers:
        raise Invalid("handover_to_self", "Somebody else must receive.", fields={"member_ids": "self"})
    if len(active_member_ids(receivers)) != len(receivers):
        raise Invalid("member_not_active", "A receiver is not at work here.", fields={"member_ids": "unknown"})
    for kind, pool_id in target.pool_ids.items():
        pool = access_pool(actor, pool_id, manage=True)
        if pool.kind != kind:
            raise Invalid("pool_of_another_kind", "This pool is for another kind.", fields={"pool_ids": "unknown"})


def check_target(actor: Actor, from_member_id: int | None, what: What, target: Target) -> None:
    """Raise Invalid unless the target can take everything, and names only whom it may."""
    check_named(actor=actor, from_member_id=from_member_id, target=target)
    receivers = target.receiver_ids
    pooled = set(target.pool_ids)
    queued = {"conversation"} if target.queue else set()
    if not receivers and not set(what.kinds) <= pooled | queued:
        raise Invalid("handover_needs_receiver", "Say who is to receive.", fields={"member_ids": "missing"})
    if target.shares and not target.member_ids:
        raise Invalid("handover_needs_rest", "Say who gets the rest.", fields={"member_ids": "missing"})


def chosen_ids(
    *, actor: Actor, owner_id: int | None, chosen: Sequence[tuple[str, Sequence[int], str]]
) -> dict[str, tuple[int, ...]]:
    """Return kind → the giver's chosen records: those named, and those that a list's filter finds for the actor."""
    found: dict[str, tuple[int, ...]] = {}
    for kind, record_ids, condition in chosen:
        rows = list(record_ids)
        if condition:
            matching = list_rows(actor, kind, {"filter": condition}).filter(owner_id=owner_id, archived_at__isnull=True)
            rows += matching.order_by("pk").values_list("pk", flat=True)[: MAX_CHOSEN + 1]
        found[kind] = (*found.get(kind, ()), *dict.fromkeys(rows))
    if sum(map(len, found.values())) > MAX_CHOSEN:
        raise Invalid("too_many_records", "So many cannot be chosen one by one.", fields={"chosen": "too_many"})
    return found
