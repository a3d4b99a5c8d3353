"""Shapes of history, views and search in the API."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from ninja import Field, Schema
from pydantic import SerializationInfo, SerializerFunctionWrapHandler, model_serializer

from crm.records.modes import present

RecordKindName = Literal["lead", "customer", "contact", "deal", "task", "conversation", "faq", "article"]


class MemberBrief(Schema):
    """A member as records name one."""

    id: int
    name: str


class RecordFields(Schema):
    """What every record shows, each field as the caller's roles let it be seen."""

    shown_as: ClassVar[str] = ""
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

    # No return type: with one, the API's description would show it instead of the fields.
    @model_serializer(mode="wrap")
    def _as_seen(self, serialize: SerializerFunctionWrapHandler, info: SerializationInfo):  # type: ignore[no-untyped-def]
        values = serialize(self)
        actor = getattr((info.context or {}).get("request"), "actor", None)
        return values if actor is None or not self.shown_as else present(actor, self.shown_as, values)


class ListFilters(Schema):
    """What every list can be asked besides its own filters.

    `filter` is a JSON list of conditions that all hold, each `{"field", "op", "value"}` over the fields of the kind, or
    `{"any": [conditions]}`, one of which holds. `order` is a sortable field, with `-` for the greatest first; what has
    no value comes last.
    """

    filter: str = Field("", max_length=8000)


class CountOut(Schema):
    """How many rows fit; not exact: at least so many, null when counting took too long."""

    count: int | None
    exact: bool


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
