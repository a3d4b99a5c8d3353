"""Delegations: somebody stands in for a colleague who is away, from a moment to a moment."""

from datetime import datetime, timedelta

from django.db import transaction

from guanxi.access import Actor, allows, require
from guanxi.audit import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound, PermissionDenied
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.notifications import notify
from guanxi.timers import cancel_timer, on_due, set_timer
from tenants.members import events
from tenants.members.models import Delegation, Member

START, END = "delegation.start", "delegation.end"
LONGEST = timedelta(days=366)


def create_delegation(
    *,
    actor: Actor,
    to_member_id: int,
    starts_at: datetime,
    ends_at: datetime,
    from_member_id: int | None = None,
    note: str = "",
) -> Delegation:
    """Let a member stand in for the actor, or for somebody else when the actor has `delegation.manage`."""
    require(actor, "delegation.create")
    absent = actor.member_id if from_member_id is None else from_member_id
    if absent is None or (absent != actor.member_id and not allows(actor, "delegation.manage")):
        raise PermissionDenied("delegation.manage")
    now = clock.now()
    _check_times(starts_at, ends_at, now)
    _check_people(absent, to_member_id)
    with transaction.atomic():
        # The absent member's row makes two who plan for the same time wait for each other.
        Member.objects.select_for_update().get(pk=absent)
        same = Delegation.objects.filter(from_member_id=absent, to_member_id=to_member_id, ended_at__isnull=True)
        if same.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
            raise Conflict("delegation_exists", "This member stands in during that time already.")
        delegation = Delegation.objects.create(
            from_member_id=absent,
            to_member_id=to_member_id,
            starts_at=starts_at,
            ends_at=ends_at,
            note=note.strip()[:200],
            created_by_id=actor.member_id,
        )
        changes = {"from": (None, absent), "to": (None, to_member_id), "ends_at": (None, ends_at.isoformat())}
        record_audit(actor=actor, action="created", kind="delegation", record_id=delegation.pk, changes=changes)
        _tell(actor, delegation, events.DELEGATION_CREATED)
        set_timer(START, delegation.pk, starts_at)
        set_timer(END, delegation.pk, ends_at)
        _notify(delegation, "delegation_planned")
    return delegation


def _check_times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= starts_at or ends_at <= now:
        raise Invalid("delegation_times", "It ends after it starts, and not in the past.", fields={"ends_at": "order"})
    if ends_at - starts_at > LONGEST:
        raise Invalid("delegation_too_long", "It lasts a year at most.", fields={"ends_at": "too_long"})


def _check_people(absent: int, to_member_id: int) -> None:
    if absent == to_member_id:
        raise Invalid("delegation_to_self", "Nobody stands in for himself.", fields={"to_member_id": "self"})
    if not Member.objects.filter(pk=absent).exists():
        raise NotFound("member", absent)
    if not Member.objects.filter(pk=to_member_id, state=Member.State.ACTIVE).exists():
        raise Invalid("member_not_active", "There is no such member at work.", fields={"to_member_id": "unknown"})


def end_delegation(*, actor: Actor, delegation_id: int) -> Delegation:
    """End a delegation before its time: the absent one, whoever stands in, or an administrator."""
    with transaction.atomic():
        delegation = Delegation.objects.select_for_update().filter(pk=delegation_id).first()
        concerned = delegation and actor.member_id in {delegation.from_member_id, delegation.to_member_id}
        if delegation is None or not (concerned or allows(actor, "delegation.manage")):
            raise NotFound("delegation", delegation_id)
        now = clock.now()
        if delegation.ended_at is not None or delegation.ends_at <= now:
            return delegation
        delegation.ended_at = delegation.updated_at = now
        delegation.save(update_fields=["ended_at", "updated_at"])
        cancel_timer(START, delegation.pk)
        cancel_timer(END, delegation.pk)
        record_audit(actor=actor, action="ended", kind="delegation", record_id=delegation.pk)
        _tell(actor, delegation, events.DELEGATION_ENDED)
        _notify(delegation, "delegation_ended")
    return delegation


@on_due(START)
def start_due(ref_id: int) -> None:
    """Tell both that it begins; from this moment the open pages of whoever stands in show more."""
    delegation = Delegation.objects.filter(pk=ref_id, ended_at__isnull=True).first()
    if delegation is not None:
        _tell(None, delegation, events.DELEGATION_STARTED)
        _notify(delegation, "delegation_started")


@on_due(END)
def end_due(ref_id: int) -> None:
    """Tell both that it is over; the open pages of whoever stood in show less."""
    delegation = Delegation.objects.filter(pk=ref_id, ended_at__isnull=True).first()
    if delegation is not None:
        _tell(None, delegation, events.DELEGATION_ENDED)
        _notify(delegation, "delegation_ended")


def _both(delegation: Delegation) -> tuple[int, int]:
    return delegation.from_member_id, delegation.to_member_id


def _tell(actor: Actor | None, delegation: Delegation, kind: str) -> None:
    data = {"from": delegation.from_member_id, "to": delegation.to_member_id}
    audience = Audience(member_ids=_both(delegation))
    record_event(kind, actor=actor, aggregate=("delegation", delegation.pk), data=data, audience=audience)


def _notify(delegation: Delegation, kind: str) -> None:
    names = dict(Member.objects.filter(pk__in=_both(delegation)).values_list("pk", "name"))
    params = {
        "absent": names[delegation.from_member_id],
        "delegate": names[delegation.to_member_id],
        "starts_at": delegation.starts_at.isoformat(),
        "ends_at": delegation.ends_at.isoformat(),
    }
    key = f"{kind}:{delegation.pk}"
    notify(member_ids=_both(delegation), kind=kind, params=params, dedupe_key=key)
