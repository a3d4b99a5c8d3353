"""Within one tenant: every operation that names a record, asked by people of different reach."""

from dataclasses import dataclass
from typing import Any

from tests.isolation.bodies import Bodies, id_places, named, query_of
from tests.isolation.cases import Case, all_cases
from tests.isolation.conftest import REP, World, undone
from tests.isolation.seeding import Ids

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
    return {**world.own, **world.reps}


def named_by(world: World, who: str, case: Case) -> Outcome:
    """Let somebody name the rep's record in a path."""
    ids = of_rep(world)
    return ask(world, who, case, ids, Bodies(ids).make(case.route.operation_id) if case.writes else None)


def put_in_body(world: World, case: Case, place: tuple[str, ...], whose: Ids) -> Outcome:
    """Let rep2 name somebody's record in a body, the path naming rep2's own."""
    ids, name = {**world.own, **world.reps2}, case.route.operation_id
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
    got |= {f"list-{case}": [outcome.told for outcome in listed(world, "rep2", case)] for case in LISTING}
    return got
