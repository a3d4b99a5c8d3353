"""Shapes of the fields of a kind and of its layout in the API."""

from typing import Any, Literal

from ninja import Field, Schema

from guanxi.customfields.schemas import OptionOut

FieldKind = Literal["customer", "contact", "lead", "deal"]


class RecordFieldOut(Schema):
    """A field of a kind: one that stands in code (`label` is empty then), or one that the workspace made.

    `mode` is what the caller may do: edit, read, masked or hidden. Of a custom field `config` holds unit, decimals,
    relation and formula, `show_when` when forms show it.
    """

    name: str
    type: str
    label: str
    label_en: str = ""
    required: bool
    editable: bool
    filterable: bool
    sortable: bool
    maskable: bool
    importable: bool
    choices: list[str]
    relation: str
    data_class: str
    mode: Literal["edit", "read", "masked", "hidden"]
    is_custom: bool
    id: int | None = None
    help_text: str = ""
    unique: bool = False
    searchable: bool = False
    default: Any = None
    options: list[OptionOut] = []
    config: dict[str, Any] = {}
    show_when: dict[str, Any] | None = None


class SectionIn(Schema):
    """A section of a record's page; one that the product brings is named by its code, others by their label."""

    code: str = Field("", max_length=40)
    label: str = Field("", max_length=40)
    label_en: str = Field("", max_length=40)
    fields: list[str] = Field([], max_length=200)


class LayoutIn(Schema):
    """How a kind's page is laid out, for everybody or for one role."""

    role: str = Field("", max_length=60)
    sections: list[SectionIn] = Field(max_length=20)


class LayoutOut(Schema):
    """How a kind's page is laid out; `own` says whether somebody has changed it."""

    kind: str
    role: str
    own: bool
    sections: list[SectionIn]


class ReferenceOut(Schema):
    """What a custom field of a record points at; no title for what the caller may not see."""

    field: str
    kind: str
    id: int
    title: str | None
