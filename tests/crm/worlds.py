"""Small random worlds as plain data, and a telling of the rules over that data which knows nothing of the product's."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

KINDS = ("customer", "contact", "lead", "deal", "task", "conversation")
ROWS = 4
# The second path begins like the first one without its last slash.
PATHS = {9001: "/9001/", 9004: "/9001/9004/", 90042: "/9001/90042/", 9005: "/9001/9004/9005/"}
SCOPES = ("SELF", "SUBORDINATES", "DEPARTMENT", "DEPARTMENT_AND_BELOW", "CHOSEN", "ALL")
MODES = ("HIDDEN", "MASKED", "READ", "EDIT")
PHONE, MASKED_PHONE = "13812345678", "138****5678"


@dataclass
class Role:
    """A role: permission → (scope, chosen paths), and the mode of a customer's phone."""

    grants: dict[str, tuple[str, list[str]]]
    phone: str


@dataclass
class Person:
    """A member: where, below whom, with which roles, in which teams."""

    department: int | None
    manager: int | None
    roles: list[int]
    teams: list[int]


@dataclass
class Row:
    """A record; `about` is what a task is about, `customers` what it hangs below directly."""

    owner: int | None
    path: str
    customers: list[int] = field(default_factory=list)
    about: tuple[str, int] | None = None
    creator: int | None = None
    state: str = ""
    assignee: int | None = None


@dataclass
class Share:
    """A share of a record."""

    kind: str
    row: int
    subject: str
    level: str
    until: datetime | None


@dataclass
class Absence:
    """A delegation."""

    absent: int
    delegate: int
    starts: datetime
    ends: datetime
    ended: bool


@dataclass
class World:
    """Everything that decides."""

    now: datetime
    roles: list[Role]
    people: dict[int, Person]
    rows: dict[str, dict[int, Row]]
    shares: list[Share]
    absences: list[Absence]


def make_world(seed: int, now: datetime, people: list[int], ids: dict[str, list[int]], teams: list[int]) -> World:
    """Return the world of a seed over the members, records and teams that there are."""
    dice = Random(seed)
    roles = [_role(dice) for _ in range(4)]
    crowd: dict[int, Person] = {}
    for person in people:
        crowd[person] = Person(
            department=dice.choice([None, *PATHS, 9004, 90042]),
            manager=dice.choice([None, *crowd]) if crowd else None,
            roles=sorted(dice.sample(range(4), dice.choice((1, 1, 2)))),
            teams=[team for team in teams if dice.random() < 0.3],
        )
    rows = {kind: {pk: _row(dice, kind, people, ids) for pk in ids[kind]} for kind in KINDS}
    subjects = [f"member:{pk}" for pk in people] + [f"team:{pk}" for pk in teams] + [f"department:{pk}" for pk in PATHS]
    named = {(kind, dice.choice(ids[kind]), dice.choice(subjects)) for kind in [*KINDS, "customer", "customer"]}
    shares = [Share(*name, dice.choice(("read", "edit")), _moment(dice, now)) for name in sorted(named)]
    absences = [_absence(dice, now, people) for _ in range(2)]
    return World(now, roles, crowd, rows, shares, absences)


def _role(dice: Random) -> Role:
    grants: dict[str, tuple[str, list[str]]] = {}
    for kind in KINDS:
        for action in ("read", "update"):
            if dice.random() < 0.75:
                scope = dice.choice((*SCOPES, "SELF", "SELF", "DEPARTMENT_AND_BELOW"))
                grants[f"{kind}.{action}"] = (scope, [dice.choice(list(PATHS.values()))] if scope == "CHOSEN" else [])
    grants.pop("conversation.update", None)
    if dice.random() < 0.3:
        grants["conversation.reply"] = ("ALL", [])
    return Role(grants, dice.choice(MODES))


def _row(dice: Random, kind: str, people: list[int], ids: dict[str, list[int]]) -> Row:
    owner = dice.choice([None, *people, *people])
    row = Row(owner, dice.choice(list(PATHS.values())) if owner else "")
    if kind in {"contact", "deal", "conversation"} and dice.random() < 0.6:
        row.customers = [dice.choice(ids["customer"])]
    if kind == "task":
        about = dice.choice((None, "customer", "deal", "contact"))
        row.about = (about, dice.choice(ids[about])) if about else None
        row.creator = dice.choice([None, *people])
    if kind == "conversation":
        row.state = dice.choice(("bot", "queued", "open", "resolved"))
        row.assignee = dice.choice([None, *people]) if row.state == "open" else None
    return row


def _moment(dice: Random, now: datetime) -> datetime | None:
    return dice.choice((None, now - timedelta(hours=1), now, now + timedelta(hours=1)))


def _absence(dice: Random, now: datetime, people: list[int]) -> Absence:
    absent, delegate = dice.sample(people, 2)
    start = now + timedelta(hours=dice.choice((-9, -9, -9, 1)))
    end = max(start, now) + timedelta(hours=2) if dice.random() < 0.6 else max(start, now - timedelta(hours=1))
    return Absence(absent, delegate, start, end + timedelta(seconds=1), dice.random() < 0.1)


# --- the rules ---


def selves(world: World, me: int) -> set[int]:
    """Return whose records are my own."""
    mine = {me}
    for absence in world.absences:
        if absence.delegate == me and not absence.ended and absence.starts <= world.now < absence.ends:
            mine.add(absence.absent)
    return mine


def _below(world: World, me: int) -> set[int]:
    found: set[int] = set()
    while more := {pk for pk, person in world.people.items() if person.manager in {me, *found}} - found:
        found |= more
    return found - {me}


def _reaches(world: World, me: int, scope: str, chosen: Iterable[str], row: Row) -> bool:
    department = world.people[me].department
    mine = PATHS[department] if department else None
    if scope == "ALL" or row.owner in selves(world, me):
        return True
    if scope == "SUBORDINATES":
        return row.owner in _below(world, me)
    if scope == "DEPARTMENT":
        return mine is not None and row.path == mine
    inside = row.path.split("/")
    trees = [mine] if scope == "DEPARTMENT_AND_BELOW" and mine else list(chosen)
    return any(inside[: len(tree.split("/")) - 1] == tree.split("/")[:-1] for tree in trees)


def _shared(world: World, me: int, kind: str, pk: int, levels: tuple[str, ...]) -> bool:
    person = world.people[me]
    subjects = {f"member:{me}"} | {f"team:{team}" for team in person.teams}
    if person.department:
        subjects |= {f"department:{part}" for part in PATHS[person.department].split("/") if part}
    return any(
        (share.kind, share.row) == (kind, pk)
        and share.subject in subjects
        and share.level in levels
        and (share.until is None or share.until > world.now)
        for share in world.shares
    )


def customers_of(world: World, kind: str, pk: int) -> list[int]:
    """Return which customers a record hangs below."""
    row = world.rows[kind][pk]
    if kind != "task":
        return row.customers
    if row.about is None:
        return []
    about, target = row.about
    return [target] if about == "customer" else customers_of(world, about, target)


def may(world: World, me: int, kind: str, pk: int, action: str = "read") -> bool:
    """Return whether a member may read or update a record."""
    row = world.rows[kind][pk]
    grants = [world.roles[number].grants.get(f"{kind}.{action}") for number in world.people[me].roles]
    given = [grant for grant in grants if grant is not None]
    if not given:
        return False
    if any(_reaches(world, me, scope, chosen, row) for scope, chosen in given):
        return True
    levels = ("read", "edit") if action == "read" else ("edit",)
    if _shared(world, me, kind, pk, levels):
        return True
    for customer in customers_of(world, kind, pk):
        if world.rows["customer"][customer].owner in selves(world, me):
            return True
        if (kind != "contact" or action == "read") and _shared(world, me, "customer", customer, levels):
            return True
        if kind == "contact" and action == "read" and may(world, me, "customer", customer):
            return True
    return _besides(world, me, kind, row)


def _besides(world: World, me: int, kind: str, row: Row) -> bool:
    if kind == "task":
        return row.creator in selves(world, me)
    if kind == "conversation":
        replies = any("conversation.reply" in world.roles[number].grants for number in world.people[me].roles)
        return row.assignee in selves(world, me) or (row.state == "queued" and replies)
    return False


def phone_as_seen(world: World, me: int) -> str | None:
    """Return how a member sees a customer's phone."""
    modes = {world.roles[number].phone for number in world.people[me].roles}
    if "HIDDEN" in modes:
        return None
    return MASKED_PHONE if "MASKED" in modes else PHONE


def stored(world: World, number: int) -> dict[str, Any]:
    """Return the grants of a role as the product stores them."""
    grants = world.roles[number].grants.items()
    return {permission: {"scope": scope, "departments": chosen} for permission, (scope, chosen) in grants}
