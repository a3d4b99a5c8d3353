"""Shapes of duplicates in the API."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema

SubjectKind = Literal["customer", "contact", "lead"]
KeySort = Literal["phone", "email", "wechat", "tax", "name"]
DuplicateEntry = Literal["manual", "api", "import", "channel"]
Text = Annotated[str, Field(max_length=200)]


class DuplicateValues(Schema):
    """What is known of the record that is about to be entered."""

    name: Text = ""
    company: Text = ""
    phone: Text = ""
    email: Text = ""
    wechat: Text = ""
    kind: Literal["", "company", "person"] = ""
    custom: dict[str, Any] = {}


class DuplicateCheckIn(Schema):
    """A question whether something is in the base."""

    kind: SubjectKind
    values: DuplicateValues


class MatchOut(Schema):
    """A record that agrees; without a title when the caller may not see it. Without owner it is nobody's."""

    kind: SubjectKind
    record_id: int
    score: float
    sorts: list[KeySort]
    visible: bool
    title: str
    owner: str
    department: str
    archived: bool
    protected_until: datetime | None


class DuplicateCheckOut(Schema):
    """What was found, and what the rule for entering by hand says: `joins` and `requests` are what one may do."""

    matches: list[MatchOut]
    action: Literal["allow", "warn", "block"]
    sorts: list[KeySort]
    joins: bool
    requests: bool


class JoinIn(DuplicateCheckIn):
    """The record that was met, beside what it was met by."""

    record_kind: SubjectKind
    record_id: int


class TransferIn(JoinIn):
    """Asks for the record that was met."""

    reason: str = Field("", max_length=500)


class TransferDecisionIn(Schema):
    """An answer to a request."""

    accept: bool
    answer: str = Field("", max_length=500)


class TransferOut(Schema):
    """A request for a record."""

    id: int
    record_kind: str = Field(alias="kind")
    record_id: int
    by_id: int
    asked_id: int | None
    reason: str
    state: Literal["open", "accepted", "declined", "withdrawn"]
    answer: str
    decided_at: datetime | None
    created_at: datetime
    version: int
    title: str = ""
    by: str = Field("", alias="by_name")
    asked: str = Field("", alias="asked_name")


class DuplicateRuleOut(Schema):
    """What happens when a new record that comes by an entry is known already."""

    kind: SubjectKind
    entry: DuplicateEntry
    action: Literal["allow", "warn", "block"]
    sorts: list[KeySort]
    joins: bool
    requests: bool
    version: int


class DuplicateRulePatch(Schema):
    """Changes of the rule of a kind and an entry; only what is given changes."""

    kind: SubjectKind
    entry: DuplicateEntry
    action: Literal["allow", "warn", "block"] | None = None
    sorts: list[KeySort] | None = None
    joins: bool | None = None
    requests: bool | None = None


class SideOut(Schema):
    """One of two records that may be one."""

    kind: str
    id: int
    title: str
    subtitle: str
    owner: str
    archived: bool


class PairOut(Schema):
    """Two records that may be one."""

    id: int
    one: SideOut
    other: SideOut
    sorts: list[KeySort]
    score: float
    state: Literal["open", "ignored", "merged"]
    found_at: datetime


class PairFilters(Schema):
    """Filters of suspected pairs."""

    state: Literal["open", "ignored", "merged"] = "open"
    kind: Literal["", "customer", "contact", "lead"] = ""


class TransferFilters(Schema):
    """Filters of requests."""

    state: Literal["", "open", "accepted", "declined", "withdrawn"] = ""


class DuplicateMergeIn(Schema):
    """Records to be made one: `chosen` maps a field to the record that its value comes from."""

    kind: SubjectKind
    winner_id: int
    loser_ids: list[int] = Field(min_length=1, max_length=4)
    chosen: dict[str, int] = {}


class DuplicateMergeOut(Schema):
    """Records that were made one; it can be taken back until `undo_until`."""

    id: int
    record_kind: SubjectKind = Field(alias="kind")
    winner_id: int
    loser_ids: list[int]
    at: datetime
    undo_until: datetime
    undone_at: datetime | None
    title: str = ""


class MergeFilters(Schema):
    """Of which records: the merges of a winner or a loser."""

    kind: Literal["", "customer", "contact", "lead"] = ""
    record_id: int | None = None


class ComparedRecord(Schema):
    """One of the records to be merged, as the caller may see it."""

    record_id: int
    title: str
    owner: str
    values: dict[str, Any]


class ComparisonOut(Schema):
    """What differs between records that are to be merged."""

    fields: list[str]
    records: list[ComparedRecord]


class CompareIn(Schema):
    """Which records are to be compared."""

    kind: SubjectKind
    ids: list[int] = Field(min_length=1, max_length=5)
