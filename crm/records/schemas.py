"""Shapes of history, views and search in the API."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

RecordKindName = Literal["lead", "customer", "contact", "deal", "task", "conversation", "faq", "article"]


class MemberBrief(Schema):
    """A member as records name one."""

    id: int
    name: str


class RecordFields(Schema):
    """What every record shows."""

    id: int
    owner: MemberBrief | None
    source: str
    tags: list[str]
    custom: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    last_activity_at: datetime | None
    next_action_at: datetime | None


class StateChangeOut(Schema):
    """One step of a record's history."""

    id: int
    field: str
    before: str
    after: str
    actor_kind: str
    actor_id: int | None
    at: datetime
    seconds_before: int | None
    note: str


class SavedViewIn(Schema):
    """A view to keep."""

    kind: RecordKindName
    name: str = Field(min_length=1, max_length=80)
    filters: dict[str, Any] = {}
    columns: list[str] = []
    order: str = ""
    shared: bool = False


class SavedViewPatch(Schema):
    """Changes of a view; only what is given changes."""

    name: str | None = Field(None, min_length=1, max_length=80)
    filters: dict[str, Any] | None = None
    columns: list[str] | None = None
    order: str | None = None
    shared: bool | None = None
    position: int | None = Field(None, ge=0, le=10_000)


class SavedViewOut(Schema):
    """A view."""

    id: int
    kind: str
    name: str
    member_id: int
    shared: bool
    filters: dict[str, Any]
    columns: list[str]
    order: str
    position: int


class SearchHitOut(Schema):
    """One match of the search over everything."""

    kind: str
    id: int
    title: str
    subtitle: str
    archived: bool
