"""Runs a handover: chunk by chunk, then the places that named the member, then everybody concerned is told once."""

from collections import defaultdict
from typing import Any

from django.db import transaction
from django.db.models import Count

from crm.handover.models import Handover, HandoverItem
from crm.handover.services.common import move_to, working_actor
from crm.handover.services.moving import move_chunk
from crm.handover.services.places import replace_everywhere
from guanxi.access import Actor
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.jobs import Job, JobCancelled
from guanxi.notifications.services import notify
from tenants.members.selectors import access_member, active_member_ids, member_names


def run_handover(job: Job) -> None:
    """Do the run's job. A worker that takes over goes on where the last committed chunk ended."""
    handover = Handover.objects.get(pk=int(job.params["handover_id"]))
    if handover.job_id != job.pk:
        return
    actor = working_actor(handover)
    if handover.state in (Handover.State.FAILED, Handover.State.CANCELLED):
        with transaction.atomic():
            move_to(actor, handover, Handover.State.RUNNING)
    total = sum(number["count"] for number in handover.preview.get("counts", {}).values())
    done = handover.items.count()
    try:
        while (number := move_chunk(actor, handover.pk)) is not None:
            done += number
            job.advance(done, max(total, done))
    except JobCancelled:
        finish(actor, handover.pk, Handover.State.CANCELLED)
        raise
    counts = finish(actor, handover.pk, Handover.State.DONE)
    moved = sum(count["moved"] for count in counts.values())
    kept = sum(count["kept"] for count in counts.values())
    params = {"moved": moved, "kept": kept}
    job.finish(message_code="handover_done", message_params=params, result={**params, "handover_id": handover.pk})


def counts_of(handover_id: int) -> dict[str, dict[str, int]]:
    """Return kind → how many records are in which state."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: {state.value: 0 for state in HandoverItem.State})
    rows = HandoverItem.objects.filter(handover_id=handover_id).order_by().values("kind", "state")
    for row in rows.annotate(number=Count("pk")):
        counts[row["kind"]][row["state"]] = row["number"]
    return dict(counts)


@transaction.atomic
def finish(actor: Actor, handover_id: int, state: str) -> dict[str, dict[str, int]]:
    """Count, replace the member where it was named, tell everybody concerned, and say that the handover has ended."""
    handover = Handover.objects.select_for_update().get(pk=handover_id)
    counts = counts_of(handover_id)
    if handover.state != Handover.State.RUNNING:
        return counts
    places: list[dict[str, Any]] = []
    from_id, receivers = handover.from_owner_id, active_member_ids(handover.receiver_ids)
    first = next((pk for pk in handover.receiver_ids if pk in receivers), None)
    whole = handover.what.get("places") and not handover.what.get("ids")
    if state == Handover.State.DONE and whole and from_id is not None and first is not None:
        places = replace_everywhere(actor, from_id, first)
    move_to(actor, handover, state, counts=counts, places=places, finished_at=clock.now())
    moved = {kind: count["moved"] for kind, count in counts.items() if count["moved"]}
    record_audit(
        actor=actor,
        action=str(state),
        kind="handover",
        record_id=handover.pk,
        changes={kind: (0, number) for kind, number in moved.items()},
    )
    _tell(handover, moved)
    return counts


def _tell(handover: Handover, moved: dict[str, int]) -> None:
    from_id = handover.from_owner_id
    name = member_names([from_id]).get(from_id, "") if from_id is not None else ""
    rows = HandoverItem.objects.filter(handover=handover, state=HandoverItem.State.MOVED, to_owner_id__isnull=False)
    received: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows.order_by().values("to_owner_id", "kind").annotate(number=Count("pk")):
        received[row["to_owner_id"] or 0][row["kind"]] = row["number"]
    for member_id, numbers in received.items():
        notify(
            member_ids=[member_id],
            kind="handover_received" if name else "handover_given",
            params={"from": name, "total": sum(numbers.values()), "counts": numbers},
            record=("handover", handover.pk),
            dedupe_key=f"handover_received:{handover.pk}",
        )
    bosses = {handover.made_by_id}
    if from_id is not None:
        boss = access_member(Actor.system("handover: whom to tell"), from_id).manager_id
        bosses |= {boss} if boss else set()
    notify(
        member_ids=sorted(bosses - set(received)),
        kind="handover_done" if name else "handover_settled",
        params={"from": name, "total": sum(moved.values()), "counts": moved},
        record=("handover", handover.pk),
        dedupe_key=f"handover_done:{handover.pk}",
    )
