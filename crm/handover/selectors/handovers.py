"""Reads handovers: whoever may hand over a member's records sees them, and who made one or received from it."""

from django.db.models import Q, QuerySet

from crm.handover.models import Handover, HandoverItem
from crm.handover.types import UNDO_WITHIN
from guanxi.access import Actor, scope_q
from guanxi.common import clock
from guanxi.common.errors import NotFound

FINISHED = (Handover.State.DONE, Handover.State.CANCELLED, Handover.State.FAILED)


def visible_handovers(actor: Actor) -> QuerySet[Handover]:
    """Return the handovers that the actor may know of."""
    rows = Handover.objects.select_related("from_owner")
    reach = scope_q(actor, "handover.read", prefix="from_")
    if not reach:
        return rows
    me = actor.member_id or 0
    return rows.filter(reach | Q(made_by_id=me) | Q(receiver_ids__contains=[me]))


def access_handover(actor: Actor, handover_id: int, *, lock: bool = False) -> Handover:
    """Return a handover, or raise NotFound."""
    rows = visible_handovers(actor).filter(pk=handover_id)
    handover = (rows.select_related(None).select_for_update(of=("self",)) if lock else rows).first()
    if handover is None:
        raise NotFound("handover", handover_id)
    return handover


def items_of(actor: Actor, handover_id: int, *, kind: str = "", state: str = "") -> QuerySet[HandoverItem]:
    """Return the records of a handover: all for whoever may hand over, a receiver's own otherwise."""
    handover = access_handover(actor, handover_id)
    rows = HandoverItem.objects.filter(handover=handover)
    reach = scope_q(actor, "handover.read", prefix="from_")
    whole = not reach or handover.made_by_id == actor.member_id
    if not whole and not Handover.objects.filter(reach, pk=handover_id).exists():
        rows = rows.filter(to_owner_id=actor.member_id or 0)
    if kind:
        rows = rows.filter(kind=kind)
    return rows.filter(state=state) if state else rows


def may_undo(handover: Handover) -> bool:
    """Return whether the handover has moved something, ended less than a week ago and has not been undone."""
    moved = any(count.get("moved") for count in handover.counts.values())
    places = any(place.get("result") == "replaced" for place in handover.places)
    return (
        handover.state in FINISHED
        and handover.finished_at is not None
        and clock.now() - handover.finished_at < UNDO_WITHIN
        and (moved or places)
    )
