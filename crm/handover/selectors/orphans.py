"""What nobody looks after: of those who left, of nobody, talks that wait, rules that name who is gone, absences."""

from datetime import timedelta
from typing import Any

from django.db.models import Count

from crm.handover.selectors.belongings import belongings, capped
from crm.handover.types import CAP, RECORDS, What
from crm.leads.selectors import assignment_rules
from crm.records.registry import record_kind
from guanxi.access import Actor, in_scope, require
from guanxi.common import clock
from tenants.members.selectors import active_member_ids, visible_delegations, visible_members

MANAGE = "handover.manage"
LEFT, NOBODY, WAITING, RULES, AWAY = "left", "nobody", "waiting", "rules", "away"
# Of records without owner so many are looked at; beyond, the counts say "at least".
LOOKED_AT = 50_000
WAITS_TOO_LONG = timedelta(hours=24)
MOST_PEOPLE = 200
LOOKING = "handover: what nobody looks after"


def orphans(actor: Actor) -> dict[str, Any]:
    """Return what the actor may hand over and nobody looks after, group by group."""
    require(actor, MANAGE)
    everything = in_scope(actor, MANAGE, owner_id=None, department_path="")
    return {
        LEFT: _of_those_who_left(actor),
        NOBODY: _of_nobody() if everything else {},
        WAITING: _waiting() if everything else _counted(0, exact=True),
        RULES: _rules(),
        AWAY: _away(actor),
    }


def _counted(count: int, *, exact: bool) -> dict[str, Any]:
    return {"count": count, "exact": exact}


def _reached(actor: Actor, members: Any) -> list[Any]:
    rows = members.order_by("-updated_at", "pk")[:MOST_PEOPLE]
    return [
        member
        for member in rows
        if in_scope(
            actor,
            MANAGE,
            owner_id=member.pk,
            department_path=member.department.path if member.department else "",
        )
    ]


def _of_those_who_left(actor: Actor) -> list[dict[str, Any]]:
    people = _reached(actor, visible_members(Actor.system(LOOKING)).exclude(state="active"))
    counts = _counts_by_owner([member.pk for member in people])
    return [
        {
            "member": {"id": member.pk, "name": member.name},
            "counts": counts[member.pk],
            "total": sum(number["count"] for number in counts[member.pk].values()),
        }
        for member in people
        if counts.get(member.pk)
    ]


def _counts_by_owner(member_ids: list[int]) -> dict[int, dict[str, dict[str, Any]]]:
    """Return member → kind → how many: one query a kind, that reads no more rows than the cap."""
    counts: dict[int, dict[str, dict[str, Any]]] = {}
    if not member_ids:
        return counts
    for kind in (*RECORDS, "task"):
        rows = record_kind(kind).model._default_manager.filter(owner_id__in=member_ids, archived_at__isnull=True)
        if kind == "deal":
            rows = rows.filter(stage__kind="open")
        elif kind == "lead":
            rows = rows.exclude(state__in=["converted", "invalid"])
        elif kind == "task":
            rows = rows.filter(state="open")
        _add(counts, kind, rows, "owner_id")
    talks = record_kind("conversation").model._default_manager
    _add(counts, "conversation", talks.filter(assignee_id__in=member_ids, state__in=["open", "snoozed"]), "assignee_id")
    return counts


def _add(counts: dict[int, dict[str, dict[str, Any]]], kind: str, rows: Any, column: str) -> None:
    some = rows.model._default_manager.filter(pk__in=rows.order_by()[: CAP + 1].values("pk"))
    found = list(some.order_by().values(column).annotate(number=Count("pk")))
    exact = sum(row["number"] for row in found) <= CAP
    for row in found:
        counts.setdefault(row[column], {})[kind] = _counted(min(row["number"], CAP), exact=exact)


def _of_nobody() -> dict[str, dict[str, Any]]:
    counts = {}
    for kind in (*RECORDS, "task"):
        number = _capped_of_nobody(kind)
        if number["count"]:
            counts[kind] = number
    return counts


def _capped_of_nobody(kind: str) -> dict[str, Any]:
    """Count what is nobody's and lies in no pool: the pool of a big workspace is not read whole."""
    manager = record_kind(kind).model._default_manager
    free = manager.filter(owner__isnull=True, archived_at__isnull=True).order_by()[: LOOKED_AT + 1]
    looked = manager.filter(pk__in=free.values("pk"))
    whole = free.values("pk").count() <= LOOKED_AT
    rows = belongings(kind, None, What()).filter(pk__in=looked.order_by().values("pk"))
    number = capped(rows)
    return _counted(number.count, exact=number.exact and whole)


def _waiting() -> dict[str, Any]:
    rows = record_kind("conversation").model._default_manager.filter(
        state="queued", waiting_since__lt=clock.now() - WAITS_TOO_LONG
    )
    number = capped(rows)
    return _counted(number.count, exact=number.exact)


def _rules() -> list[dict[str, Any]]:
    rules = list(assignment_rules().filter(active=True))
    at_work = set(active_member_ids({pk for rule in rules for pk in rule.member_ids}))
    gone = {rule.pk: sorted(set(rule.member_ids) - at_work) for rule in rules}
    return [
        {
            "id": rule.pk,
            "name": rule.name,
            "member_ids": gone[rule.pk],
            "nobody_left": not set(rule.member_ids) & at_work,
        }
        for rule in rules
        if gone[rule.pk]
    ]


def _away(actor: Actor) -> list[dict[str, Any]]:
    """Return who is away without anybody who stands in, and how many customers wait."""
    now, system = clock.now(), Actor.system(LOOKING)
    stood_in = visible_delegations(system).filter(starts_at__lte=now, ends_at__gt=now, ended_at__isnull=True)
    away = visible_members(system).filter(state="active", settings__away=True)
    people = _reached(actor, away.exclude(pk__in=stood_in.values("from_member_id")))
    counts = _counts_by_owner([member.pk for member in people])
    return [
        {"member": {"id": member.pk, "name": member.name}, "counts": counts[member.pk]}
        for member in people
        if counts.get(member.pk)
    ]
