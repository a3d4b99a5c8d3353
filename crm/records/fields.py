"""The catalogue of fields: what of each kind of record can be shown, filtered, changed, masked, imported and exported.

Every path that deals in fields reads it here: lists and their columns, forms, field modes of roles, import and export,
bulk edits, history, personal information. Custom fields join the fields that stand in code through a source.
"""

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass


class FieldType(enum.StrEnum):
    """What sort of value a field holds."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"
    TAGS = "tags"
    MEMBER = "member"
    DEPARTMENT = "department"
    PHONE = "phone"
    EMAIL = "email"
    LINK = "link"
    FILE = "file"
    RELATION = "relation"
    FORMULA = "formula"
    AUTO_NUMBER = "auto_number"


class DataClass(enum.StrEnum):
    """How near a value is to a person: nothing of anybody, somebody's own, or what the law guards most."""

    PLAIN = "plain"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


@dataclass(frozen=True, slots=True)
class RecordField:
    """A field of a record kind.

    `name` is the attribute of the record and the key in the API; a custom field's is `custom.<key>`. `label` is empty
    for fields that stand in code: the page has their words by kind and name. `relation` is the kind that a RELATION
    points at. `maskable` fields may be shown as `138****0000`.
    """

    name: str
    type: FieldType
    label: str = ""
    required: bool = False
    editable: bool = True
    filterable: bool = False
    sortable: bool = False
    maskable: bool = False
    importable: bool = True
    choices: tuple[str, ...] = ()
    relation: str = ""
    data_class: DataClass = DataClass.PLAIN

    @property
    def is_custom(self) -> bool:
        """Return whether the tenant made this field."""
        return self.name.startswith("custom.")


FieldSource = Callable[[str], Iterable[RecordField]]
_fields: dict[str, dict[str, RecordField]] = {}
_sources: list[FieldSource] = []


def register_fields(kind: str, fields: Iterable[RecordField]) -> None:
    """Register the fields of a kind that stand in code; an app does it in its AppConfig.ready."""
    _fields.setdefault(kind, {}).update({field.name: field for field in fields})


def register_field_source(source: FieldSource) -> None:
    """Register where a tenant's own fields come from: `source(kind)` returns them in the current tenant."""
    if source not in _sources:
        _sources.append(source)


def standard_fields(kind: str) -> dict[str, RecordField]:
    """Return the fields of a kind that stand in code, by name."""
    return dict(_fields.get(kind, {}))


def fields_of(kind: str) -> dict[str, RecordField]:
    """Return all fields of a kind in the current tenant by name, its own custom fields last."""
    found = standard_fields(kind)
    for source in _sources:
        found |= {field.name: field for field in source(kind)}
    return found


COMMON_FIELDS: tuple[RecordField, ...] = (
    RecordField("owner_id", FieldType.MEMBER, editable=False, filterable=True),
    RecordField("source", FieldType.TEXT, filterable=True),
    RecordField("tags", FieldType.TAGS, filterable=True),
    RecordField("next_action_at", FieldType.DATETIME, filterable=True, sortable=True),
    RecordField("last_activity_at", FieldType.DATETIME, editable=False, filterable=True, sortable=True),
    RecordField("created_at", FieldType.DATETIME, editable=False, filterable=True, sortable=True),
    RecordField("updated_at", FieldType.DATETIME, editable=False, filterable=True, sortable=True),
)
