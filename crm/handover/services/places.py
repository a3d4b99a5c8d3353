"""Puts another member where the one who goes was named, by the services whose things they are."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from crm.handover.selectors.places import places_of
from crm.leads.selectors import assignment_rules
from crm.leads.services import update_assignment_rule
from crm.pools.selectors import access_pool
from crm.pools.services import update_pool
from guanxi.access import Actor
from guanxi.common.errors import Problem
from tenants.members.selectors import access_team, visible_delegations
from tenants.members.services import (
    create_delegation,
    end_delegation,
    update_department,
    update_member,
    update_team,
)

Swap = Callable[[Actor, int, int, int], None]


def replace_everywhere(actor: Actor, from_id: int, to_id: int) -> list[dict[str, Any]]:
    """Put `to_id` wherever `from_id` is named and the actor may change it; return each place with what became of it."""
    done = []
    for place in places_of(from_id):
        outcome = {"kind": place.kind, "id": place.id, "name": place.name, "result": "replaced"}
        try:
            with transaction.atomic():
                SWAPS[place.kind](actor, place.id, from_id, to_id)
        except Problem as refusal:
            outcome |= {"result": "refused", "reason": refusal.code}
        done.append(outcome)
    return done


def put_back(actor: Actor, places: Sequence[dict[str, Any]], from_id: int, to_id: int) -> list[dict[str, Any]]:
    """Undo replacements: `from_id` stands again where `to_id` came instead."""
    done = []
    for place in places:
        outcome = dict(place)
        # Ended delegations stay ended: the absence may be over by now.
        if place["result"] == "replaced" and place["kind"] != "delegation":
            try:
                with transaction.atomic():
                    SWAPS[place["kind"]](actor, int(place["id"]), to_id, from_id)
                outcome["result"] = "returned"
            except Problem as refusal:
                outcome["reason"] = refusal.code
        done.append(outcome)
    return done


def _swapped(members: Sequence[int], old: int, new: int) -> list[int]:
    return list(dict.fromkeys(new if member == old else member for member in members))


def _in_rule(actor: Actor, rule_id: int, old: int, new: int) -> None:
    rule = assignment_rules().get(pk=rule_id)
    update_assignment_rule(actor=actor, rule_id=rule_id, changes={"member_ids": _swapped(rule.member_ids, old, new)})


def _in_team(actor: Actor, team_id: int, old: int, new: int) -> None:
    members = [member.pk for member in access_team(actor, team_id).members.all() if member.pk != old]
    update_team(actor=actor, team_id=team_id, member_ids=list(dict.fromkeys([*members, new])))


def _in_pool(actor: Actor, pool_id: int, old: int, new: int) -> None:
    pool = access_pool(actor, pool_id, manage=True)
    changes = {
        name: _swapped(getattr(pool, name), old, new)
        for name in ("member_ids", "manager_ids")
        if old in getattr(pool, name)
    }
    update_pool(actor=actor, pool_id=pool_id, changes=changes)


def _as_head(actor: Actor, department_id: int, old: int, new: int) -> None:
    update_department(actor=actor, department_id=department_id, head_id=new)


def _as_manager(actor: Actor, member_id: int, old: int, new: int) -> None:
    update_member(actor=actor, member_id=member_id, changes={"manager_id": new if new != member_id else None})


def _as_stand_in(actor: Actor, delegation_id: int, old: int, new: int) -> None:
    row = visible_delegations(actor).get(pk=delegation_id)
    end_delegation(actor=actor, delegation_id=delegation_id)
    if row.from_member_id != new:
        create_delegation(
            actor=actor,
            from_member_id=row.from_member_id,
            to_member_id=new,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            note=row.note,
        )


SWAPS: dict[str, Swap] = {
    "assignment_rule": _in_rule,
    "team": _in_team,
    "pool": _in_pool,
    "department": _as_head,
    "report": _as_manager,
    "delegation": _as_stand_in,
}
