"""Shapes of activities and tasks in the API."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from crm.records.schemas import MemberBrief, RecordFields, RecordKindName

WrittenKind = Literal["note", "call", "visit", "meeting", "email", "letter"]
Outcome = Literal["", "reached", "not_reached", "positive", "neutral", "negative"]


class ParticipantsIn(Schema):
    """All who take part."""

    member_ids: list[int] = Field([], max_length=50)
    contact_ids: list[int] = Field([], max_length=50)


class ActivityIn(Schema):
    """Something that was done."""

    kind: WrittenKind = "note"
    record_kind: RecordKindName
    record_id: int
    subject: str = Field("", max_length=200)
    body: str = Field("", max_length=20_000)
    data: dict[str, Any] = {}
    at: datetime | None = None
    ends_at: datetime | None = None
    duration_minutes: int | None = Field(None, ge=0, le=1440)
    outcome: Outcome = ""
    next_step: str = Field("", max_length=500)
    place: str = Field("", max_length=300)
    participants: ParticipantsIn | None = None


class ActivityPatch(Schema):
    """Changes of an activity."""

    subject: str | None = Field(None, max_length=200)
    body: str | None = Field(None, max_length=20_000)
    data: dict[str, Any] | None = None
    at: datetime | None = None
    ends_at: datetime | None = None
    duration_minutes: int | None = Field(None, ge=0, le=1440)
    outcome: Outcome | None = None
    next_step: str | None = Field(None, max_length=500)
    place: str | None = Field(None, max_length=300)
    remind_minutes: list[int] | None = Field(None, max_length=5)
    participants: ParticipantsIn | None = None


Minutes = Annotated[int, Field(ge=0, le=20_160)]


class PlanIn(Schema):
    """Something that is to be done."""

    kind: Literal["call", "visit", "meeting"] = "meeting"
    subject: str = Field(min_length=1, max_length=200)
    at: datetime
    ends_at: datetime | None = None
    body: str = Field("", max_length=20_000)
    place: str = Field("", max_length=300)
    remind_minutes: list[Minutes] = Field([], max_length=5)
    participants: ParticipantsIn | None = None
    record_kind: RecordKindName | None = None
    record_id: int | None = None


class ResultIn(Schema):
    """How a plan went."""

    outcome: Outcome = ""
    summary: str = Field("", max_length=20_000)
    next_step: str = Field("", max_length=500)


class CheckInIn(Schema):
    """Where one is."""

    latitude: Decimal | None = Field(None, ge=-90, le=90, max_digits=9, decimal_places=6)
    longitude: Decimal | None = Field(None, ge=-180, le=180, max_digits=9, decimal_places=6)
    accuracy: int | None = Field(None, ge=0, le=1_000_000)
    address: str = Field("", max_length=300)
    file_id: int | None = None


class CheckInOut(Schema):
    """Where a member was on a visit."""

    at: datetime
    latitude: float | None
    longitude: float | None
    accuracy: int | None
    address: str
    distance: int | None
    file_id: int | None


class ParticipantOut(Schema):
    """Who takes part: a member, or a contact."""

    member: MemberBrief | None
    contact_id: int | None


class ActivityOut(Schema):
    """A line of a timeline."""

    id: int
    kind: str
    state: str
    event: str
    subject: str
    body: str
    data: dict[str, Any]
    at: datetime
    ends_at: datetime | None
    place: str
    outcome: str
    next_step: str
    remind_minutes: list[int]
    participants: list[ParticipantOut]
    check_in: CheckInOut | None
    member: MemberBrief | None
    actor_kind: str
    record_kind: str
    record_id: int | None
    duration_minutes: int | None
    qualifying: bool
    version: int

    @staticmethod
    def resolve_participants(activity: Any) -> list[Any]:
        """Return who takes part."""
        return list(activity.participants.all())

    @staticmethod
    def resolve_remind_minutes(activity: Any) -> list[int]:
        """Return the chosen minutes; rows from before there were any hold none."""
        return activity.remind_minutes or []

    @staticmethod
    def resolve_check_in(activity: Any) -> Any:
        """Return the check-in of a visit that has one."""
        return getattr(activity, "check_in", None)


class CalendarEntryOut(Schema):
    """An activity or a task, as a calendar shows one."""

    id: str
    source: str
    source_id: int
    kind: str
    state: str
    title: str
    starts_at: datetime
    ends_at: datetime | None
    place: str
    member: MemberBrief | None
    participant_ids: list[int]
    record_kind: str
    record_id: int | None
    record_title: str
    own: bool
    version: int


class CalendarPersonOut(Schema):
    """Somebody whose calendar one may see."""

    id: int
    name: str
    department: str


class FeedOut(Schema):
    """Whether one's calendar has an address."""

    active: bool
    created_at: datetime | None
    last_read_at: datetime | None


class FeedCreatedOut(Schema):
    """The address of one's calendar."""

    url: str


class TimelineLineOut(Schema):
    """A line of a timeline, as it shows on one record."""

    id: int
    at: datetime
    activity: ActivityOut


class TaskIn(Schema):
    """A new task."""

    title: str = Field(min_length=1, max_length=200)
    body: str = Field("", max_length=5000)
    kind: Literal["todo", "call", "visit", "meeting", "email"] = "todo"
    priority: Literal[1, 2, 3] = 2
    due_at: datetime
    remind_at: datetime | None = None
    owner_id: int | None = None
    record_kind: RecordKindName | None = None
    record_id: int | None = None
    tags: list[str] = []
    custom: dict[str, Any] = {}


class TaskPatch(Schema):
    """Changes of a task."""

    title: str | None = Field(None, min_length=1, max_length=200)
    body: str | None = Field(None, max_length=5000)
    kind: Literal["todo", "call", "visit", "meeting", "email"] | None = None
    priority: Literal[1, 2, 3] | None = None
    due_at: datetime | None = None
    remind_at: datetime | None = None
    owner_id: int | None = None
    tags: list[str] | None = None


class TaskOut(RecordFields):
    """A task."""

    shown_as = "task"
    title: str
    body: str
    kind: str
    state: str
    priority: int
    due_at: datetime
    remind_at: datetime | None
    done_at: datetime | None
    record_kind: str
    record_id: int | None
    record_title: str = ""
    created_by_id: int | None


class TaskFilters(Schema):
    """Filters of the task list."""

    q: str = Field("", max_length=100)
    state: Literal["", "open", "done", "cancelled"] = "open"
    owner_id: int | None = None
    record_kind: str = ""
    record_id: int | None = None
    priority: int | None = None
    due: Literal["", "overdue", "today", "week"] = ""
