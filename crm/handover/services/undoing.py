"""Undoes a handover once within a week: what the receivers still have, and nobody gave away since, goes back."""

from collections import defaultdict
from typing import Any

from django.db import transaction

from crm.activities.selectors.plans import plans_of_member
from crm.activities.services.handing import give_plans
from crm.conversations.services.giving import give_conversation_back
from crm.handover.models import Handover, HandoverItem
from crm.handover.selectors.handovers import access_handover, may_undo
from crm.handover.services.common import give_records, move_to, require_reach, tell_chunk, working_actor
from crm.handover.services.places import put_back
from crm.handover.services.running import counts_of
from crm.handover.types import CHUNK, KINDS, UNDO_JOB
from crm.records.registry import record_kind
from guanxi.access import Actor
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict
from guanxi.jobs import Job, JobCancelled, create_job

State = HandoverItem.State


@transaction.atomic
def start_undo(*, actor: Actor, handover_id: int) -> Handover:
    """Let a worker bring everything back. Raises Conflict when it is too late, or has been undone."""
    handover = access_handover(actor, handover_id, lock=True)
    require_reach(actor, handover.from_owner_id)
    if not may_undo(handover):
        raise Conflict("handover_undo_late", "A handover can be undone once, within seven days.")
    job = create_job(actor=actor, kind=UNDO_JOB, params={"handover_id": handover.pk})
    record_audit(actor=actor, action="undo", kind="handover", record_id=handover.pk)
    move_to(actor, handover, Handover.State.UNDOING, undo_job_id=job.pk)
    return handover


def run_undo(job: Job) -> None:
    """Do the undo's job; a worker that takes over finds what has not gone back yet."""
    handover = Handover.objects.get(pk=int(job.params["handover_id"]))
    if handover.undo_job_id != job.pk:
        return
    actor = working_actor(handover)
    total = handover.items.filter(state=State.MOVED).count()
    done = 0
    try:
        while number := return_chunk(actor, handover.pk):
            done += number
            job.advance(done, max(total, done))
    except JobCancelled:
        pass  # A handover that is half undone helps nobody: what is left goes back, too.
    while return_chunk(actor, handover.pk):
        pass
    counts = _finish(actor, handover.pk)
    params = {
        "returned": sum(count["returned"] for count in counts.values()),
        "stayed": sum(count["stayed"] for count in counts.values()),
    }
    job.finish(message_code="handover_undone", message_params=params, result={**params, "handover_id": handover.pk})


@transaction.atomic
def return_chunk(actor: Actor, handover_id: int) -> int:
    """Bring the next chunk back; return how many records it looked at."""
    handover = Handover.objects.select_for_update().get(pk=handover_id)
    items = list(handover.items.filter(state=State.MOVED).order_by("pk")[:CHUNK])
    by_kind: dict[str, list[HandoverItem]] = defaultdict(list)
    for item in items:
        by_kind[item.kind].append(item)
    for kind in KINDS:
        if by_kind[kind]:
            _return(actor, handover, kind, by_kind[kind])
    return len(items)


def _return(actor: Actor, handover: Handover, kind: str, items: list[HandoverItem]) -> None:
    if kind == "conversation":
        back = {item.pk for item in items if _talk_back(actor, handover, item)}
    elif kind == "activity":
        back = _plans_back(actor, handover, items)
    else:
        back = _records_back(actor, handover, kind, items)
    now = {item.record_id: handover.from_owner_id for item in items if item.pk in back}
    tell_chunk(actor, handover, kind, now)


def _settle(items: list[HandoverItem], back: set[int]) -> None:
    for item in items:
        item.state = State.RETURNED if item.pk in back else State.STAYED
        item.reason = "" if item.pk in back else "changed_hands"
    HandoverItem.objects.bulk_update(items, ["state", "reason"])


def _records_back(actor: Actor, handover: Handover, kind: str, items: list[HandoverItem]) -> set[int]:
    model = record_kind(kind).model
    rows: Any = model._default_manager.filter(pk__in=[item.record_id for item in items]).order_by("pk")
    records = {record.pk: record for record in rows.select_for_update(of=("self",))}
    # Read again under the lock: somebody may have given one away a moment ago.
    changed = set(
        HandoverItem.objects.filter(pk__in=[item.pk for item in items], changed_hands_at__isnull=False).values_list(
            "pk", flat=True
        )
    )
    back = {
        item.pk: records[item.record_id]
        for item in items
        if item.pk not in changed and item.record_id in records and records[item.record_id].owner_id == item.to_owner_id
    }
    # First their state: the change of owner that follows is this undo's own.
    _settle(items, set(back))
    owners = [(record, handover.from_owner_id) for record in back.values()]
    give_records(actor, kind, owners, handover_id=handover.pk, undo=True)
    return set(back)


def _plans_back(actor: Actor, handover: Handover, items: list[HandoverItem]) -> set[int]:
    still: set[tuple[int, int]] = set()
    for member_id in {item.to_owner_id for item in items if item.to_owner_id is not None}:
        wanted = [item.record_id for item in items if item.to_owner_id == member_id]
        still |= {
            (pk, member_id) for pk in plans_of_member(member_id).filter(pk__in=wanted).values_list("pk", flat=True)
        }
    back = {item.pk: item.record_id for item in items if (item.record_id, item.to_owner_id) in still}
    if handover.from_owner_id is not None:
        give_plans(actor=actor, owners=dict.fromkeys(back.values(), handover.from_owner_id))
    _settle(items, set(back))
    return set(back)


def _talk_back(actor: Actor, handover: Handover, item: HandoverItem) -> bool:
    to_id = None if handover.target.get("queue") and item.former.get("word") else item.to_owner_id
    returned = give_conversation_back(
        actor=actor, conversation_id=item.record_id, from_id=item.from_owner_id, to_id=to_id, given=item.former
    )
    _settle([item], {item.pk} if returned else set())
    return returned


@transaction.atomic
def _finish(actor: Actor, handover_id: int) -> dict[str, dict[str, int]]:
    handover = Handover.objects.select_for_update().get(pk=handover_id)
    counts = counts_of(handover_id)
    if handover.state != Handover.State.UNDOING:
        return counts
    places = handover.places
    if handover.from_owner_id is not None and handover.receiver_ids:
        places = put_back(actor, places, handover.from_owner_id, handover.receiver_ids[0])
    returned = {kind: (0, count["returned"]) for kind, count in counts.items()}
    record_audit(actor=actor, action="undone", kind="handover", record_id=handover.pk, changes=returned)
    move_to(actor, handover, Handover.State.UNDONE, counts=counts, places=places, undone_at=clock.now())
    return counts
