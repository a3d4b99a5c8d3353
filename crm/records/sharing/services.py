"""Shares records with colleagues, and shows a masked value once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from crm.records.events import SHARED, UNSHARED
from crm.records.fields import fields_of
from crm.records.models import RecordShare
from crm.records.modes import CUSTOM
from crm.records.registry import record_kind
from crm.records.services import audience_of
from crm.records.visibility import reach_q
from guanxi.access import Actor, FieldMode, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound, PermissionDenied
from guanxi.events.services import record_event
from guanxi.notifications import notify, register_kind
from guanxi.timers import cancel_timer, on_due, set_timer
from tenants.members.selectors import subject_names, team_members

END = "share.end"
register_kind("record_shared")
# With more the list of whoever is shared with would be slow; a role's scope is the way to give so much.
MOST_OF_A_SUBJECT = 1000
MOST_OF_A_RECORD = 50


def require_shareable(actor: Actor, kind: str, record_id: int, action: str = "share") -> Any:
    """Return a locked record that the actor may share; raise NotFound for one that it does not see, PermissionDenied
    for one that it may only see.
    """
    spec = record_kind(kind)
    record = spec.visible(actor).filter(pk=record_id).first()
    if record is None or not hasattr(record, "owner_department_path"):
        raise NotFound(kind, record_id)
    require(actor, f"{kind}.{action}")
    rows = spec.model._default_manager.filter(reach_q(actor, kind, action), pk=record_id)
    locked = rows.select_for_update(of=("self",)).first()
    if locked is None:
        raise PermissionDenied(f"{kind}.{action}")
    return locked


@transaction.atomic
def share_record(
    *, actor: Actor, kind: str, record_id: int, subject: str, level: str = "read", until: datetime | None = None
) -> RecordShare:
    """Let a member, a team or a department with all below it read or edit a record; a second call changes the terms."""
    record = require_shareable(actor, kind, record_id)
    _check(subject, level, until)
    known = RecordShare.objects.select_for_update().filter(kind=kind, record_id=record_id, subject=subject).first()
    if known is None:
        _require_room(kind, record_id, subject)
    before = (known.level, known.until) if known else None
    values = {"level": level, "until": until, "by_id": actor.member_id, "updated_at": clock.now()}
    share, _ = RecordShare.objects.update_or_create(kind=kind, record_id=record_id, subject=subject, defaults=values)
    if until is None:
        cancel_timer(END, share.pk)
    else:
        set_timer(END, share.pk, until)
    if before != (level, until):
        terms = {subject: (_terms(before), _terms((level, until)))}
        record_audit(actor=actor, action="share", kind=kind, record_id=record_id, changes=terms)
        _tell(actor, kind, record, SHARED, {"subject": subject, "level": level})
    if before is None:
        _notify(actor, kind, record, subject)
    return share


def _terms(terms: tuple[str, datetime | None] | None) -> str | None:
    if terms is None:
        return None
    level, until = terms
    return f"{level} {until.isoformat()}" if until else level


def _check(subject: str, level: str, until: datetime | None) -> None:
    if level not in RecordShare.Level.values:
        raise Invalid("unknown_level", "A share lets read or edit.", fields={"level": "unknown"})
    if until is not None and until <= clock.now():
        raise Invalid("share_over", "This moment has passed.", fields={"until": "past"})
    if not subject_names([subject]):
        raise Invalid("unknown_subject", "There is no such member, team or department.", fields={"subject": "unknown"})


def _require_room(kind: str, record_id: int, subject: str) -> None:
    if RecordShare.objects.filter(kind=kind, record_id=record_id).count() >= MOST_OF_A_RECORD:
        limit = {"limit": MOST_OF_A_RECORD}
        raise Conflict("too_many_sharers", "Share with a team or a department instead.", params=limit)
    if RecordShare.objects.filter(subject=subject, kind=kind).count() >= MOST_OF_A_SUBJECT:
        limit = {"limit": MOST_OF_A_SUBJECT}
        raise Conflict("too_many_shares", "So many records are given by a role's scope.", params=limit)


@transaction.atomic
def unshare_record(*, actor: Actor, kind: str, record_id: int, share_id: int) -> None:
    """Take a record back from a subject; whoever it was shared with in person may leave too."""
    share = RecordShare.objects.select_for_update().filter(pk=share_id, kind=kind, record_id=record_id).first()
    if share is not None and share.subject == f"member:{actor.member_id}":
        record = record_kind(kind).visible(actor).filter(pk=record_id).first()
    else:
        record = require_shareable(actor, kind, record_id)
    if share is None or record is None:
        raise NotFound("share", share_id)
    subject, terms = share.subject, _terms((share.level, share.until))
    share.delete()
    cancel_timer(END, share_id)
    record_audit(actor=actor, action="unshare", kind=kind, record_id=record_id, changes={subject: (terms, None)})
    _tell(actor, kind, record, UNSHARED, {"subject": subject}, also=(subject,))


@on_due(END)
def end_due(ref_id: int) -> None:
    """Take an ended share off the record, and off the open pages of whoever it was for."""
    share = RecordShare.objects.filter(pk=ref_id, until__lte=clock.now()).first()
    if share is None:
        return
    record = record_kind(share.kind).model._default_manager.filter(pk=share.record_id).first()
    share.delete()
    if record is not None:
        _tell(None, share.kind, record, UNSHARED, {"subject": share.subject}, also=(share.subject,))


def _tell(
    actor: Actor | None, kind: str, record: Any, event: str, data: dict[str, Any], also: Iterable[str] = ()
) -> None:
    audience = audience_of(record, f"{kind}.read")
    # Whoever it is taken from hears of it a last time: it leaves that one's lists.
    audience = replace(audience, shares=tuple(sorted({*audience.shares, *also})))
    record_event(event, actor=actor, aggregate=(kind, record.pk), data=data, audience=audience)


def _notify(actor: Actor, kind: str, record: Any, subject: str) -> None:
    sort, _, number = subject.partition(":")
    if sort == "department":
        return
    members = [int(number)] if sort == "member" else team_members(int(number))
    others = [member_id for member_id in members if member_id != actor.member_id]
    params = {"title": record_kind(kind).title(record), "by": actor.name}
    notify(member_ids=others, kind="record_shared", params=params, record=(kind, record.pk))


@transaction.atomic
def reveal_field(*, actor: Actor, kind: str, record_id: int, field: str) -> Any:
    """Return the whole value of a masked field; each call is a row in the audit, which holds the name and no value."""
    record = require_shareable(actor, kind, record_id, "reveal")
    known = fields_of(kind).get(field)
    mode = actor.field_mode(kind, field)
    if known is None or mode is FieldMode.HIDDEN:
        raise Invalid("unknown_field", "There is no such field.", fields={"field": "unknown"})
    value = record.custom.get(known.name.removeprefix(CUSTOM)) if known.is_custom else getattr(record, field)
    if mode is FieldMode.MASKED:
        record_audit(actor=actor, action="reveal", kind=kind, record_id=record_id, changes={"field": (None, field)})
    return value
