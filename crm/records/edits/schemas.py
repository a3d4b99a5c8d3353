"""Shapes of bulk edits in the API."""

from typing import Any, Literal

from ninja import Field, Schema

from crm.records.edits.services import MAX_ROWS

EditableKind = Literal["customer", "contact", "lead", "deal"]


class BulkEditIn(Schema):
    """What to do with many records: those with `ids`, or without them all that fit `filters`, the query of the list.

    `set` takes `values` by field name, `add_tags` and `remove_tags` take `tags`, `assign` takes `owner_id`.
    """

    action: Literal["set", "add_tags", "remove_tags", "assign", "archive", "restore"]
    ids: list[int] | None = Field(None, max_length=MAX_ROWS)
    filters: dict[str, Any] = {}
    values: dict[str, Any] = {}
    tags: list[str] = Field([], max_length=20)
    owner_id: int | None = None
