"""Asks an owner for a record that one met, joins it where the rule lets one, and answers."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from crm.duplicates import events
from crm.duplicates.models import TransferRequest
from crm.duplicates.selectors import access_request, raw_matches, rule_for
from crm.duplicates.services.checking import take_check
from crm.duplicates.types import Entry
from crm.records.registry import record_kind
from crm.records.sharing.services import share_record
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, NotFound, PermissionDenied
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.notifications import notify, register_kind
from tenants.members.selectors import actor_of_member, require_active_member

register_kind("transfer_requested")
register_kind("transfer_decided")
State = TransferRequest.State


def _met(actor: Actor, kind: str, values: Mapping[str, Any], record_kind_: str, record_id: int) -> Any:
    """Return the record that the values met; who does not name what it is known by is told of nothing."""
    take_check(actor)
    found, records = raw_matches(kind, values)
    if (record_kind_, record_id) not in found:
        raise NotFound(record_kind_, record_id)
    return records[(record_kind_, record_id)]


@transaction.atomic
def join_record(*, actor: Actor, kind: str, values: Mapping[str, Any], record: tuple[str, int]) -> None:
    """Become a collaborator of the record that one met, where the rule of the kind lets members join."""
    require(actor, "duplicate.check")
    if not rule_for(kind, Entry.MANUAL).joins or actor.member_id is None:
        raise PermissionDenied("duplicate.join")
    _met(actor, kind, values, *record)
    share_record(
        actor=Actor.system(f"{actor.name} joined by the rule for duplicates"),
        kind=record[0],
        record_id=record[1],
        subject=f"member:{actor.member_id}",
        level="read",
    )


@transaction.atomic
def request_transfer(
    *, actor: Actor, kind: str, values: Mapping[str, Any], record: tuple[str, int], reason: str = ""
) -> TransferRequest:
    """Ask the owner of the record that one met, and the owner's manager, to be given it."""
    require(actor, "duplicate.check")
    if not rule_for(kind, Entry.MANUAL).requests or actor.member_id is None:
        raise PermissionDenied("duplicate.request")
    row = _met(actor, kind, values, *record)
    if row.owner_id is None:
        raise Conflict("record_in_pool", "Nobody owns this record; take it from its pool.")
    if row.owner_id in actor.self_ids:
        raise Conflict("already_owner", "This record is yours already.")
    owner = require_active_member(row.owner_id)
    try:
        with transaction.atomic():
            request = TransferRequest.objects.create(
                kind=record[0],
                record_id=record[1],
                by_id=actor.member_id,
                asked_id=row.owner_id,
                manager_id=owner.manager_id,
                reason=reason.strip()[:500],
            )
    except IntegrityError:
        raise Conflict("already_requested", "You have asked for this record already.") from None
    record_audit(actor=actor, action="request_transfer", kind=record[0], record_id=record[1])
    asked = [pk for pk in (owner.pk, owner.manager_id) if pk and pk != actor.member_id]
    params = {"by": actor.name, "title": record_kind(record[0]).title(row), "reason": request.reason}
    notify(member_ids=asked, kind="transfer_requested", params=params, record=("transfer_request", request.pk))
    _tell(actor, request, events.TRANSFER_REQUESTED)
    return request


@transaction.atomic
def decide_request(*, actor: Actor, request_id: int, accept: bool, answer: str = "") -> TransferRequest:
    """Give the record to whoever asked, or decline; for the owner, the owner's manager and who manages duplicates."""
    request = access_request(actor, request_id, lock=True)
    may = {request.asked_id, request.manager_id} & set(actor.self_ids)
    if not may:
        require(actor, "duplicate.manage")
    _require_open(request)
    if accept:
        _hand_over(actor, request)
    _end(actor, request, State.ACCEPTED if accept else State.DECLINED, answer)
    notify(
        member_ids=[request.by_id],
        kind="transfer_decided",
        params={"by": actor.name, "accepted": accept, "answer": request.answer},
        record=(request.kind, request.record_id) if accept else ("transfer_request", request.pk),
    )
    return request


def _hand_over(actor: Actor, request: TransferRequest) -> None:
    spec = record_kind(request.kind)
    row = spec.model._default_manager.select_for_update(of=("self",)).filter(pk=request.record_id).first()
    if row is None or row.owner_id != request.asked_id:  # type: ignore[attr-defined]
        raise Conflict("owner_changed", "The record has another owner by now.")
    actor_of_member(request.by_id)
    if spec.operations is None:
        raise NotFound("record kind", request.kind)
    # Its owner may give it away by answering, also where the role may not assign; the audit names who answered.
    system = Actor.system(f"transfer request {request.pk} accepted by {actor.name}")
    spec.operations.assign(actor=system, record_id=request.record_id, owner_id=request.by_id)


@transaction.atomic
def withdraw_request(*, actor: Actor, request_id: int) -> TransferRequest:
    """Take one's own request back."""
    request = access_request(actor, request_id, lock=True)
    if request.by_id not in actor.self_ids:
        raise PermissionDenied("duplicate.request")
    _require_open(request)
    _end(actor, request, State.WITHDRAWN, "")
    return request


def _require_open(request: TransferRequest) -> None:
    if request.state != State.OPEN:
        raise Conflict("request_decided", "This request has been answered.", params={"state": request.state})


def _end(actor: Actor, request: TransferRequest, state: str, answer: str) -> None:
    request.state, request.answer = state, answer.strip()[:500]
    request.decided_by_id, request.decided_at = actor.member_id, clock.now()
    request.updated_at = clock.now()
    request.version += 1
    request.save()
    record_audit(
        actor=actor,
        action="transfer_request",
        kind=request.kind,
        record_id=request.record_id,
        changes={"request": (State.OPEN.value, state)},
    )
    _tell(actor, request, events.TRANSFER_DECIDED)


def _tell(actor: Actor, request: TransferRequest, event: str) -> None:
    members = tuple(pk for pk in (request.by_id, request.asked_id, request.manager_id) if pk)
    record_event(
        event,
        actor=actor,
        aggregate=("transfer_request", request.pk),
        data={"state": request.state},
        audience=Audience(member_ids=members, permission="duplicate.check"),
    )
