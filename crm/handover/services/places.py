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
Lists = dict[str, list[int]]


def replace_everywhere(actor: Actor, from_id: int, to_id: int) -> list[dict[str, Any]]:
    """Put `to_id` wherever `from_id` is named and the actor may change it; return each place with what became of it."""
    done = []
    for place in places_of(from_id):
        outcome: dict[str, Any] = {"kind": place.kind, "id": place.id, "name": place.name, "result": "replaced"}
        try:
            with transaction.atomic():
                if place.kind in LISTS:
                    outcome["before"] = LISTS[place.kind](actor, place.id)
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
                    if "before" in place:
                        _put_back_in_lists(actor, place, from_id, to_id)
                    else:
                        SWAPS[place["kind"]](actor, int(place["id"]), to_id, from_id)
                outcome["result"] = "returned"
            except Problem as refusal:
                outcome["reason"] = refusal.code
        done.append(outcome)
    return done


def _put_back_in_lists(actor: Actor, place: dict[str, Any], from_id: int, to_id: int) -> None:
    """Name the giver again in every list that did; the receiver leaves those that did not name the receiver before."""
    kind, place_id, before = place["kind"], int(place["id"]), place["before"]
    now = LISTS[kind](actor, place_id)
    lists = {name: _merged(named, now[name], from_id, to_id) for name, named in before.items() if from_id in named}
    WRITES[kind](actor, place_id, lists)


def _merged(before: list[int], now: list[int], from_id: int, to_id: int) -> list[int]:
    if now == _swapped(before, from_id, to_id):
        return before
    return [*(member for member in now if member != from_id and (member != to_id or to_id in before)), from_id]


def _swapped(members: Sequence[int], old: int, new: int) -> list[int]:
    return list(dict.fromkeys(new if member == old else member for member in members))


def _lists_of_rule(_actor: Actor, rule_id: int) -> Lists:
    return {"member_ids": list(assignment_rules().get(pk=rule_id).member_ids)}


def _lists_of_team(actor: Actor, team_id: int) -> Lists:
    return {"member_ids": [member.pk for member in access_team(actor, team_id).members.all()]}


def _lists_of_pool(actor: Actor, pool_id: int) -> Lists:
    pool = access_pool(actor, pool_id, manage=True)
    return {"member_ids": list(pool.member_ids), "manager_ids": list(pool.manager_ids)}


def _write_rule(actor: Actor, rule_id: int, lists: Lists) -> None:
    update_assignment_rule(actor=actor, rule_id=rule_id, changes=lists)


def _write_team(actor: Actor, team_id: int, lists: Lists) -> None:
    update_team(actor=actor, team_id=team_id, member_ids=lists["member_ids"])


def _write_pool(actor: Actor, pool_id: int, lists: Lists) -> None:
    update_pool(actor=actor, pool_id=pool_id, changes=lists)


def _in_lists(kind: str) -> Swap:
    def swap(actor: Actor, place_id: int, old: int, new: int) -> None:
        lists = LISTS[kind](actor, place_id)
        WRITES[kind](actor, place_id, {name: _swapped(ids, old, new) for name, ids in lists.items() if old in ids})

    return swap


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
    "assignment_rule": _in_lists("assignment_rule"),
    "team": _in_lists("team"),
    "pool": _in_lists("pool"),
    "department": _as_head,
    "report": _as_manager,
    "delegation": _as_stand_in,
}
# Where several people are named: what the lists are, and how they are written.
LISTS: dict[str, Callable[[Actor, int], Lists]] = {
    "assignment_rule": _lists_of_rule,
    "team": _lists_of_team,
    "pool": _lists_of_pool,
}
WRITES: dict[str, Callable[[Actor, int, Lists], None]] = {
    "assignment_rule": _write_rule,
    "team": _write_team,
    "pool": _write_pool,
}
