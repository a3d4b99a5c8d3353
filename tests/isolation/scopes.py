"""Within one tenant: every operation that names a record, asked by people of different reach."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from crm.customers.selectors import visible_customers
from crm.duplicates.services import merge_records
from crm.imports.services.exporting import rows_of
from crm.imports.services.matching import Matcher
from crm.records.sharing.selectors import may_share
from crm.records.sharing.services import share_record
from guanxi.common.errors import Problem
from guanxi.tenancy import tenant_scope
from tests.isolation.bodies import Bodies, id_places, named, query_of
from tests.isolation.cases import Case, all_cases
from tests.isolation.conftest import REP, World, undone
from tests.isolation.seeding import Ids
from tests.people import actor_named

OWNED = {
    "customer", "contact", "lead", "deal", "task", "activity", "visit", "plan", "view", "conversation", "message",
    "failed_message", "failed_conversation",
}  # fmt: skip
PAGE = [case for case in all_cases() if case.mount == "page"]
# Every operation that names somebody's record in its path.
NAMING = [case for case in PAGE if any(named_id.name in OWNED for named_id in case.ids)]
# Every list, search and count over somebody's records, with what finds the rep's there.
LISTING = [case for case in PAGE if case.route.method == "GET" and not case.ids]
PLACES = [
    (case, place)
    for case in PAGE
    if case.writes
    for place in id_places(case.route.operation_id)
    if named(case.route.operation_id, place[-1]).removeprefix("other_") in OWNED
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request: the status, and whether the rep's word stood in the answer."""

    status: int
    told: bool

    @property
    def reached(self) -> bool:
        """Return whether the caller got through."""
        return 200 <= self.status < 300


def ask(world: World, who: str, case: Case, ids: Ids, body: dict[str, Any] | None = None, **query: str) -> Outcome:
    """Send an operation's request as somebody; take back what it wrote."""
    with undone():
        client = world.clients[who]
        if query:
            answer = client.get(case.url(ids), {**case.query(), **query})
        else:
            answer = case.send(client, case.url(ids), body)
    return Outcome(answer.status_code, str(REP) in answer.content.decode(errors="replace"))


def of_rep(world: World) -> Ids:
    """Return alpha's ids, the records being the rep's."""
    return {**world.mine(), **world.reps}


def named_by(world: World, who: str, case: Case) -> Outcome:
    """Let somebody name the rep's record in a path."""
    ids = of_rep(world)
    return ask(world, who, case, ids, Bodies(ids).make(case.route.operation_id) if case.writes else None)


def put_in_body(world: World, case: Case, place: tuple[str, ...], whose: Ids) -> Outcome:
    """Let rep2 name somebody's record in a body, the path naming rep2's own."""
    ids, name = {**world.mine(), **world.reps2}, case.route.operation_id
    bodies = Bodies(ids)
    plain = bodies.make(name) or {}
    body = bodies.with_id(name, plain, place, whose[named(name, place[-1]).removeprefix("other_")])
    return ask(world, "rep2", case, ids, body)


def listed(world: World, who: str, case: Case) -> list[Outcome]:
    """Let somebody ask a list as it is, and search it for the rep's word."""
    outcomes = [ask(world, who, case, world.own)]
    if any(part["name"] == "q" for part in query_of(case.route.operation_id)):
        outcomes.append(ask(world, who, case, world.own, q=REP.canary))
    return outcomes


def everything_rep2_reaches(world: World) -> dict[str, Any]:
    """Return all that rep2 gets when asking for what is the rep's, by case."""
    got: dict[str, Any] = {str(case): named_by(world, "rep2", case) for case in NAMING}
    got |= {f"{case}-{'.'.join(place)}": put_in_body(world, case, place, world.reps) for case, place in PLACES}
    got |= {"shared": with_a_customer_shared_for_reading(world, world.own["customer"])}
    got |= {f"list-{case}": [outcome.told for outcome in listed(world, "rep2", case)] for case in LISTING}
    return got


WHAT_A_READER_MAY_NOT = ("share", "export", "update", "merge")


def with_a_customer_shared_for_reading(world: World, pk: int) -> dict[str, bool]:
    """Return what a manager, with whom the owner shares a customer for reading, gets of a customer.

    The manager may do everything to the department's own customers, so that only the reach decides.
    """
    with undone(), tenant_scope(world.alpha):
        manager = actor_named("manager")
        reach = manager.grants["customer.read"]
        grants = {f"customer.{action}": reach for action in WHAT_A_READER_MAY_NOT}
        manager = replace(manager, grants={**manager.grants, **grants})
        reader, shared = f"member:{manager.member_id}", world.own["customer"]
        share_record(actor=actor_named("owner"), kind="customer", record_id=shared, subject=reader, level="read")
        other = world.reps2["customer"]
        return {
            "is seen": visible_customers(manager).filter(pk=pk).exists(),
            "is said to be shareable": may_share(manager, "customer", pk),
            "is shared on": _done(
                lambda: share_record(actor=manager, kind="customer", record_id=pk, subject="department:1")
            ),
            "is exported": rows_of(manager, "customer", {}, [pk]).exists(),
            "is changed by an import": bool(Matcher(manager, "customer", []).reachable([pk])),
            "is merged away": _done(
                lambda: merge_records(actor=manager, kind="customer", winner_id=other, loser_ids=[pk])
            ),
        }


def _done(call: Callable[[], Any]) -> bool:
    try:
        with transaction.atomic():
            call()
    except Problem:
        return False
    return True
