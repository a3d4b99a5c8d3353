"""Shapes of activities and tasks in the API."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from crm.records.schemas import MemberBrief, RecordFields, RecordKindName

WrittenKind = Literal["note", "call", "visit", "meeting", "email"]


class ActivityIn(Schema):
    """Something that was done."""

    kind: WrittenKind = "note"
    record_kind: RecordKindName
    record_id: int
    subject: str = Field("", max_length=200)
    body: str = Field("", max_length=20_000)
    data: dict[str, Any] = {}
    at: datetime | None = None
    duration_minutes: int | None = Field(None, ge=0, le=1440)


class ActivityPatch(Schema):
    """Changes of an activity."""

    subject: str | None = Field(None, max_length=200)
    body: str | None = Field(None, max_length=20_000)
    data: dict[str, Any] | None = None
    at: datetime | None = None
    duration_minutes: int | None = Field(None, ge=0, le=1440)


class ActivityOut(Schema):
    """A line of a timeline."""

    id: int
    kind: str
    event: str
    subject: str
    body: str
    data: dict[str, Any]
    at: datetime
    member: MemberBrief | None
    actor_kind: str
    record_kind: str
    record_id: int
    duration_minutes: int | None
    version: int


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
