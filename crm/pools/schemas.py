"""Shapes of pools in the API."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

PoolKind = Literal["lead", "customer"]


class PoolLimits(Schema):
    """How records of a pool are taken; null is without a limit."""

    daily_quota: int | None = Field(None, ge=0, le=10_000)
    held_limit: int | None = Field(None, ge=0, le=100_000)
    cooldown_days: int = Field(0, ge=0, le=365)
    delay_hours: int = Field(0, ge=0, le=720)
    view_limit: int | None = Field(None, ge=0, le=10_000)
    protection_days: int = Field(0, ge=0, le=365)


class PoolIn(PoolLimits):
    """A new pool."""

    name: str = Field(min_length=1, max_length=80)
    kind: PoolKind
    position: int = Field(0, ge=0, le=10_000)
    manager_ids: list[int] = []
    member_ids: list[int] = []
    department_ids: list[int] = []
    masked_fields: list[str] = []
    hidden_fields: list[str] = []
    return_reasons: list[str] = Field([], max_length=30)


class PoolPatch(Schema):
    """Changes of a pool; only what is given changes."""

    name: str | None = Field(None, min_length=1, max_length=80)
    position: int | None = Field(None, ge=0, le=10_000)
    manager_ids: list[int] | None = None
    member_ids: list[int] | None = None
    department_ids: list[int] | None = None
    masked_fields: list[str] | None = None
    hidden_fields: list[str] | None = None
    return_reasons: list[str] | None = Field(None, max_length=30)
    daily_quota: int | None = Field(None, ge=0, le=10_000)
    held_limit: int | None = Field(None, ge=0, le=100_000)
    cooldown_days: int | None = Field(None, ge=0, le=365)
    delay_hours: int | None = Field(None, ge=0, le=720)
    view_limit: int | None = Field(None, ge=0, le=10_000)
    protection_days: int | None = Field(None, ge=0, le=365)


class RoomOut(Schema):
    """How much the caller may still take today; null is without a limit."""

    claims_left: int | None
    held: int
    held_limit: int | None
    views_left: int | None
    left: int | None


class PoolBrief(Schema):
    """A pool in the list; `count` goes no further than 1,001."""

    id: int
    name: str
    kind: PoolKind
    position: int
    version: int
    count: int
    manages: bool
    room: RoomOut


class PoolOut(PoolBrief, PoolLimits):
    """A pool with its settings; `maskable` are the fields that it can mask or leave out."""

    manager_ids: list[int]
    member_ids: list[int]
    department_ids: list[int]
    masked_fields: list[str]
    hidden_fields: list[str]
    return_reasons: list[str]
    maskable: list[str]


class EntryFilters(Schema):
    """Filters of what lies in a pool; `q` is looked for in names alone."""

    q: str = Field("", max_length=100)
    city: str = Field("", max_length=40)
    source: str = Field("", max_length=60)
    level: Literal["", "A", "B", "C"] = ""
    mine: bool = False


class EntryOut(Schema):
    """A record in a pool: `values` as the pool lets them be seen, `blocked` why the caller may not take it now."""

    id: int
    record_id: int
    kind: PoolKind
    title: str
    values: dict[str, Any]
    since: datetime
    claimable_at: datetime
    reason: str
    previous_owner_id: int | None
    previous_owner: str
    last_activity_at: datetime | None
    blocked: Literal["", "too_new", "cooling_down"]


class ClaimIn(Schema):
    """What to take."""

    entry_ids: list[int] = Field(min_length=1, max_length=100)


class PoolAssignIn(ClaimIn):
    """What to give to whom."""

    owner_id: int


class PutIn(Schema):
    """Which records of the pool's kind go into it, and why."""

    record_ids: list[int] = Field(min_length=1, max_length=100)
    reason: str = Field(min_length=1, max_length=200)


class RefusedOut(Schema):
    """A record that was not done, with the code of the refusal."""

    entry_id: int
    code: str
    params: dict[str, Any]


class BatchOut(Schema):
    """What became of a batch: record ids that were done, and what was refused."""

    done: list[int]
    refused: list[RefusedOut]
    room: RoomOut


class LockIn(Schema):
    """Which record to keep from the rules, why and until when; without an end for ever."""

    record_kind: PoolKind
    record_id: int
    reason: str = Field(min_length=1, max_length=200)
    until: datetime | None = None


class UnlockIn(Schema):
    """Which record to open for the rules again."""

    record_kind: PoolKind
    record_id: int


class HoldingFilters(Schema):
    """Which of the records that pools watch: due soon, or protected."""

    state: Literal["at_risk", "protected"] = "at_risk"
    everyones: bool = False


class HoldingOut(Schema):
    """A record that somebody owns, as pools know it."""

    id: int
    kind: PoolKind
    record_id: int
    title: str
    owner_id: int | None
    owner_name: str
    due_at: datetime | None
    protected_until: datetime | None
    locked: bool
    locked_until: datetime | None
    lock_reason: str
    last_activity_at: datetime | None


class MoveFilters(Schema):
    """Filters of the ledger."""

    action: Literal[
        "",
        "put",
        "returned",
        "recycled",
        "claimed",
        "assigned",
        "left",
        "given_back",
        "locked",
        "unlocked",
        "warned",
    ] = ""


class MoveOut(Schema):
    """A line of the ledger; `title` is empty when the caller may not see the record."""

    id: int
    kind: PoolKind
    record_id: int
    title: str
    action: str
    from_owner_name: str
    to_owner_name: str
    actor_kind: str
    actor_name: str
    reason: str
    rule_number: int | None
    before: dict[str, Any]
    after: dict[str, Any]
    at: datetime


class RecycleTerms(Schema):
    """What a recycle rule asks; either condition is enough."""

    no_follow_up_days: int | None = Field(None, ge=1, le=730)
    no_deal_days: int | None = Field(None, ge=1, le=730)
    levels: list[Literal["A", "B", "C"]] = []
    sources: list[str] = []
    exempt_won: bool = True


class RecycleRuleIn(RecycleTerms):
    """A new version of a pool's rule."""

    note: str = Field("", max_length=200)


class RecycleRuleOut(Schema):
    """A version of a pool's rule."""

    id: int
    pool_id: int
    number: int
    state: Literal["draft", "live", "retired", "rolled_back"]
    terms: RecycleTerms
    note: str
    rehearsed_at: datetime | None
    rehearsal_job_id: int | None
    activated_at: datetime | None
    retired_at: datetime | None
    created_at: datetime


class RollBackIn(Schema):
    """Whether what the rule has taken goes back, too."""

    return_records: bool = False


class RehearsalDay(Schema):
    """How many records the rule would have taken on a day, and how many of them came to a success later."""

    day: str
    touched: int
    saved: int


class RehearsalOwner(Schema):
    """The same for one owner."""

    owner_id: int | None
    name: str
    touched: int
    saved: int


class RehearsalExample(Schema):
    """A record that the rule would have taken; `title` is empty when the caller may not see it."""

    record_id: int
    title: str
    owner: str
    due_at: datetime
    last_follow_up: datetime | None
    won_at: datetime | None
    worth: str | None


class RehearsalOut(Schema):
    """A replay of a rule over the last 90 days, as far as it is."""

    rule: RecycleRuleOut
    job_id: int | None
    state: str
    done: int
    total: int
    kind: PoolKind
    begin: datetime | None = None
    end: datetime | None = None
    looked_at: int = 0
    touched: int = 0
    saved: int = 0
    worth: str = "0"
    days: list[RehearsalDay] = []
    owners: list[RehearsalOwner] = []
    examples: list[RehearsalExample] = []
