"""Shapes of custom fields in the API."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

ValueTypeName = Literal[
    "text", "long_text", "number", "money", "date", "datetime", "boolean", "choice", "choices", "member", "department",
    "phone", "email", "link", "file", "relation", "formula", "auto_number",
]  # fmt: skip


class OptionIn(Schema):
    """A choice; one without id is new, one that is not named any more is put away."""

    id: str = Field("", max_length=40)
    label: str = Field(min_length=1, max_length=80)
    label_en: str = Field("", max_length=80)
    colour: Literal["", "grey", "blue", "green", "orange", "red", "purple"] = ""
    archived: bool = False


class OptionOut(Schema):
    """A choice."""

    id: str
    label: str
    label_en: str
    colour: str
    archived: bool


class ShowWhen(Schema):
    """When the field is shown: `field` is another field of the kind."""

    field: str = Field(max_length=60)
    op: Literal["eq", "ne", "in", "empty", "not_empty"]
    value: Any = None


class CustomFieldIn(Schema):
    """A new field; without `key` it gets one made of its label."""

    kind: str = Field(max_length=40)
    type: ValueTypeName
    label: str = Field(min_length=1, max_length=60)
    label_en: str = Field("", max_length=60)
    key: str = Field("", max_length=40)
    help_text: str = Field("", max_length=300)
    required: bool = False
    unique: bool = False
    default: Any = None
    options: list[OptionIn] = []
    config: dict[str, Any] = {}
    show_when: ShowWhen | None = None
    filterable: bool = False
    searchable: bool = False
    data_class: Literal["plain", "personal", "sensitive"] = "plain"


class CustomFieldPatch(Schema):
    """Changes of a field; only what is given changes. The key stays for good."""

    label: str | None = Field(None, min_length=1, max_length=60)
    label_en: str | None = Field(None, max_length=60)
    type: ValueTypeName | None = None
    help_text: str | None = Field(None, max_length=300)
    required: bool | None = None
    unique: bool | None = None
    default: Any = None
    options: list[OptionIn] | None = None
    config: dict[str, Any] | None = None
    show_when: ShowWhen | None = None
    filterable: bool | None = None
    searchable: bool | None = None
    data_class: Literal["plain", "personal", "sensitive"] | None = None


class CustomFieldOut(Schema):
    """A field; `indexed_at` is null while the records that are there are being worked in by the job `job_id`."""

    id: int
    kind: str
    key: str
    name: str
    type: str
    label: str
    label_en: str
    help_text: str
    required: bool
    unique: bool
    default: Any
    options: list[OptionOut]
    config: dict[str, Any]
    show_when: dict[str, Any] | None
    filterable: bool
    searchable: bool
    data_class: str
    position: int
    indexed_at: datetime | None
    job_id: int | None
    archived_at: datetime | None
    created_at: datetime


class CustomFieldFilters(Schema):
    """Filters of the list of fields."""

    kind: str = ""
    archived: bool = False


class CustomFieldOrderIn(Schema):
    """The fields of a kind in their new order."""

    kind: str = Field(max_length=40)
    custom_field_ids: list[int] = Field(min_length=1, max_length=100)
