"""What else names a member: rules, teams, pools, departments, reports, delegations."""

from typing import Any

from crm.handover.types import Place
from crm.leads.selectors import assignment_rules
from crm.pools.selectors import visible_pools
from guanxi.access import Actor
from guanxi.common import clock
from tenants.members.selectors import visible_delegations, visible_departments, visible_members, visible_teams

LOOKING = "handover: what else names the member"


def places_of(member_id: int) -> list[Place]:
    """Return everything that names a member and would name nobody at work when the member goes."""
    actor = Actor.system(LOOKING)
    places = [
        Place("assignment_rule", rule.pk, rule.name) for rule in assignment_rules() if member_id in rule.member_ids
    ]
    places += [Place("team", team.pk, team.name) for team in visible_teams(actor).filter(members=member_id)]
    for pool in visible_pools(actor):
        if member_id in pool.member_ids or member_id in pool.manager_ids:
            places.append(Place("pool", pool.pk, pool.name))
    heads = visible_departments(actor).filter(head_id=member_id)
    places += [Place("department", department.pk, department.name) for department in heads]
    reports = visible_members(actor).filter(manager_id=member_id, state="active").order_by("pk")
    places += [Place("report", report.pk, report.name) for report in reports]
    return places + _delegations(actor, member_id)


def _delegations(actor: Actor, member_id: int) -> list[Place]:
    live: Any = visible_delegations(actor).filter(ended_at__isnull=True, ends_at__gt=clock.now())
    return [
        Place("delegation", row.pk, row.from_member.name) for row in live.filter(to_member_id=member_id).order_by("pk")
    ]
