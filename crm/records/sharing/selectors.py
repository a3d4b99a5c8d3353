"""Tells with whom a record is shared, who can see it and why, and what a member sees of each kind."""

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from crm.records.fields import fields_of
from crm.records.models import RecordShare
from crm.records.modes import possible_modes
from crm.records.registry import PARENT, access_record, record_kind, record_kinds
from crm.records.visibility import Reason, active_shares, facts_of, reach_q, reasons_to_see
from guanxi.access import Actor, Grant, Scope, allows, require
from guanxi.common.errors import NotFound, PermissionDenied
from tenants.members.selectors import (
    actor_of_member_id,
    everybodys_actors,
    member_cards,
    member_names,
    role_grants,
    subject_names,
)

VIEWERS_A_PAGE = 50
COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Viewer:
    """A member who can see a record, and why."""

    id: int
    name: str
    title: str
    reasons: list[Reason]


@dataclass(frozen=True, slots=True)
class Viewers:
    """A page of whoever can see a record; `names` are those of the members and subjects that the reasons name."""

    items: list[Viewer]
    total: int
    next: int | None
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sight:
    """What a member sees of one kind: how far, how much, and which fields less than whole."""

    kind: str
    scopes: list[str]
    count: int
    more: bool
    fields: dict[str, str]


def shares_of(actor: Actor, kind: str, record_id: int) -> QuerySet[RecordShare]:
    """Return with whom a record is shared, for whoever may see the record."""
    access_record(actor, kind, record_id)
    return active_shares().filter(kind=kind, record_id=record_id).order_by("pk")


def name_shares(shares: list[RecordShare]) -> list[dict[str, Any]]:
    """Return shares with the names of whom they are for and of who gave them; those of gone subjects are left out."""
    names = subject_names(share.subject for share in shares)
    givers = member_names(share.by_id for share in shares)
    return [
        {
            "id": share.pk,
            "subject": share.subject,
            "name": names[share.subject],
            "level": share.level,
            "until": share.until,
            "by": givers.get(share.by_id or 0, ""),
            "created_at": share.created_at,
        }
        for share in shares
        if share.subject in names
    ]


def may_share(actor: Actor, kind: str, record_id: int) -> bool:
    """Return whether the actor may share a record that it sees."""
    rows = record_kind(kind).model._default_manager.filter(reach_q(actor, kind, "share"), pk=record_id)
    return allows(actor, f"{kind}.share") and rows.exists()


def may_ask_who_sees(actor: Actor, record: Any) -> bool:
    """Return whether the actor may know who can see a record that it sees itself: its owner, and who makes roles."""
    return allows(actor, "role.manage") or record.owner_id in actor.self_ids


def viewers(actor: Actor, kind: str, record_id: int, *, text: str = "", offset: int = 0) -> Viewers:
    """Return a page of the members at work who can see a record, by name, each with all reasons."""
    record = access_record(actor, kind, record_id)
    if not may_ask_who_sees(actor, record):
        raise PermissionDenied("role.manage")
    facts = facts_of(kind, record)
    grants: dict[int, frozenset[Grant]] = {}
    found: list[Viewer] = []
    for member, roles in everybodys_actors():
        if text and text.lower() not in member.name.lower():
            continue
        for role in roles:
            if role.pk not in grants:
                grants[role.pk] = role_grants(role).get(f"{kind}.read", frozenset())
        by_role = [(role.name or role.code, grants[role.pk]) for role in roles]
        reasons = reasons_to_see(member, facts, record, grants_by_role=by_role)
        if reasons and member.member_id is not None:
            found.append(Viewer(member.member_id, member.name, "", reasons))
    page = found[offset : offset + VIEWERS_A_PAGE]
    cards = member_cards(viewer.id for viewer in page)
    items = [replace(viewer, title=cards[viewer.id].title) for viewer in page]
    following = offset + VIEWERS_A_PAGE
    return Viewers(items, len(found), following if following < len(found) else None, _names(items))


def _names(items: list[Viewer]) -> dict[str, str]:
    named = {reason.subject for viewer in items for reason in viewer.reasons if reason.subject}
    for viewer in items:
        for reason in viewer.reasons:
            named |= {f"member:{pk}" for pk in (reason.by_id, reason.member_id) if pk is not None}
    return subject_names(named)


def sight_of(actor: Actor, member_id: int) -> list[Sight]:
    """Return what a member sees of every kind, counted up to a limit; for whoever makes roles."""
    require(actor, "role.manage")
    seen_by = actor_of_member_id(member_id)
    if seen_by is None:
        raise NotFound("member", member_id)
    owned = [kind for kind, spec in record_kinds().items() if hasattr(spec.model, "owner_department_path")]
    return [_sight(seen_by, kind) for kind in owned]


def _sight(member: Actor, kind: str) -> Sight:
    reach = member.grants.get(f"{kind}.read", frozenset())
    rows = record_kind(kind).visible(member).order_by()
    count = rows.values("pk")[: COUNTED + 1].count() if reach else 0
    scopes = sorted({grant.scope for grant in reach})
    widest = [Scope.ALL.name] if Scope.ALL in scopes else [scope.name for scope in scopes]
    modes = {name: mode.name for name, mode in member.field_modes.get(kind, {}).items()}
    return Sight(kind, widest, min(count, COUNTED), count > COUNTED, modes)


def mode_catalogue() -> dict[str, list[dict[str, Any]]]:
    """Return the fields of each kind with the modes that a role can give them."""
    catalogue = {}
    for kind, spec in record_kinds().items():
        if spec.operations is None and kind != PARENT:
            continue
        catalogue[kind] = [
            {
                "name": field.name,
                "label": field.label,
                "type": field.type.value,
                "data_class": field.data_class.value,
                "modes": [mode.name for mode in possible_modes(field)],
            }
            for field in fields_of(kind).values()
            if len(possible_modes(field)) > 1
        ]
    return catalogue
