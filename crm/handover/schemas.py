"""Shapes of handovers in the API."""

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from ninja import Field, Schema

from crm.handover.types import Rule, Share, Target, What
from crm.records.schemas import MemberBrief

HandoverKind = Literal["customer", "lead", "contact", "deal", "task", "activity", "conversation"]
ChosenKind = Literal["customer", "lead", "contact", "deal"]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


class HandoverShareIn(Schema):
    """Who gets what is of this department (its id) or of this region (a city or a province)."""

    value: str = Field(min_length=1, max_length=100)
    member_id: Id


class ChosenIn(Schema):
    """Chosen records of a kind: by their ids, or all of the giver's that a list's filter finds."""

    kind: ChosenKind
    record_ids: list[Id] = Field(default_factory=list, max_length=10_000)
    filter: str = Field("", max_length=8000)


class PoolTargetIn(Schema):
    """The pool that takes a kind."""

    kind: Literal["lead", "customer"]
    pool_id: Id


class HandoverIn(Schema):
    """Who gives, what, and to whom; `from_member_id` of null hands over what is nobody's."""

    from_member_id: Id | None
    kinds: list[HandoverKind] = Field(list(get_args(HandoverKind)), min_length=1, max_length=7)
    chosen: list[ChosenIn] = Field(default_factory=list, max_length=4)
    closed: bool = False
    places: bool = True
    member_ids: list[Id] = Field(default_factory=list, max_length=50)
    rule: Literal["evenly", "department", "region"] = "evenly"
    shares: list[HandoverShareIn] = Field(default_factory=list, max_length=200)
    pools: list[PoolTargetIn] = Field(default_factory=list, max_length=2)
    queue: bool = False
    note: str = Field("", max_length=500)

    def what(self, ids: dict[str, tuple[int, ...]]) -> What:
        """Return what is handed over."""
        return What(kinds=tuple(self.kinds), ids=ids, closed=self.closed, places=self.places)

    def target(self) -> Target:
        """Return to whom."""
        return Target(
            member_ids=tuple(dict.fromkeys(self.member_ids)),
            rule=Rule(self.rule),
            shares=tuple(Share(share.value, share.member_id) for share in self.shares),
            pool_ids={pool.kind: pool.pool_id for pool in self.pools},
            queue=self.queue,
        )


class NumberOut(Schema):
    """How many; not exact: at least so many."""

    count: int
    exact: bool


class AmountOut(Schema):
    """A sum in one currency."""

    currency: str
    total: str


class LargeDealOut(Schema):
    """One of the largest open deals."""

    id: int
    name: str
    stage: str
    amount: str
    currency: str


class OpenDealsOut(Schema):
    """Open deals; no amounts for whom they are hidden from."""

    count: int
    amounts: list[AmountOut] | None
    largest: list[LargeDealOut]


class DueTasksOut(Schema):
    """Open tasks that are due."""

    overdue: int
    week: int


class PlaceOut(Schema):
    """Something else that names the giver, and after the run what became of it."""

    kind: Literal["assignment_rule", "team", "pool", "department", "report", "delegation"]
    id: int
    name: str
    result: str = ""
    reason: str = ""


class HandoverPreviewOut(Schema):
    """What would move, what stays and why."""

    counts: dict[str, NumberOut]
    stays: dict[str, dict[str, NumberOut]]
    deals: OpenDealsOut | None
    tasks: DueTasksOut | None
    conversations_open: int
    places: list[PlaceOut]


class StateCounts(Schema):
    """How many records of a kind are in which state."""

    moved: int = 0
    kept: int = 0
    returned: int = 0
    stayed: int = 0


class HandoverOut(Schema):
    """A handover."""

    id: int
    from_member: MemberBrief | None
    made_by: MemberBrief | None
    receivers: list[MemberBrief]
    state: Literal["running", "done", "failed", "cancelled", "undoing", "undone"]
    kinds: list[str]
    chosen: bool
    note: str
    counts: dict[str, StateCounts]
    places: list[PlaceOut]
    preview: dict[str, Any]
    job_id: int | None
    may_undo: bool
    created_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None


class ItemFilters(Schema):
    """Filters of a handover's records."""

    kind: HandoverKind | None = None
    state: Literal["moved", "kept", "returned", "stayed"] | None = None


class ItemOut(Schema):
    """A record of a handover; without a title when the caller may not see it."""

    id: int
    kind: str
    record_id: int
    title: str
    state: str
    reason: str
    to_member: MemberBrief | None
    changed_hands_at: datetime | None


class LeftOut(Schema):
    """Somebody who has left or is away, and what is in that one's name."""

    member: MemberBrief
    counts: dict[str, NumberOut]


class RuleOrphanOut(Schema):
    """An active assignment rule that names members who have left."""

    id: int
    name: str
    member_ids: list[int]
    nobody_left: bool


class OrphansOut(Schema):
    """What nobody looks after."""

    left: list[LeftOut]
    nobody: dict[str, NumberOut]
    waiting: NumberOut
    rules: list[RuleOrphanOut]
    away: list[LeftOut]


class DossierCustomer(Schema):
    """The customer; a field that the caller's roles hide is null."""

    id: int
    name: str | None
    kind: str | None
    level: str | None
    industry: str | None
    province: str | None
    city: str | None
    address: str | None
    website: str | None
    phone: str | None
    email: str | None
    description: str | None
    tags: list[str] | None


class DossierContact(Schema):
    """A person at the customer, and the part it plays."""

    id: int
    name: str | None
    title: str | None
    phone: str | None
    email: str | None
    wechat: str | None
    role: str
    is_primary: bool


class DossierDeal(Schema):
    """A deal on its way."""

    id: int
    name: str | None
    amount: str | None
    currency: str | None
    expected_close_on: str | None
    description: str | None
    stage: str
    stage_entered_at: datetime


class DossierTask(Schema):
    """Something that is to be done."""

    id: int
    title: str
    due_at: datetime


class DossierLine(Schema):
    """Something that was done or noted."""

    id: int
    kind: str
    subject: str
    body: str
    at: datetime
    member_name: str
    next_step: str


class DossierOut(Schema):
    """What a customer's new owner should have read."""

    customer: DossierCustomer
    from_name: str
    to_name: str
    contacts: list[DossierContact]
    deals: list[DossierDeal]
    tasks: list[DossierTask]
    activities: list[DossierLine]
    notes: list[DossierLine]
