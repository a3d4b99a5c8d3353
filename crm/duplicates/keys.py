"""Which keys a record has: read from its kind's catalogue of fields."""

from collections.abc import Mapping
from typing import Any

from crm.duplicates.matching.names import core_name, variants_of
from crm.duplicates.matching.numbers import email_key, phone_key, tax_key, wechat_key
from crm.duplicates.models import DuplicateKey
from crm.duplicates.types import Subject, subjects
from crm.records.fields import FieldType, RecordField, fields_of

Sort = DuplicateKey.Sort
# Rises when keys are made otherwise; rows that were keyed before are keyed anew by night.
KEYS_VERSION = 1
TEXTS = {FieldType.TEXT, FieldType.LONG_TEXT}
Keys = dict[tuple[str, str], list[str]]


def keys_of_values(kind: str, values: Mapping[str, Any], fields: Mapping[str, RecordField] | None = None) -> Keys:
    """Return the keys of a record's values: (sort, value) → variants."""
    subject = subjects()[kind]
    found: Keys = {}
    for name, field in (fields if fields is not None else fields_of(kind)).items():
        value = _value(values, name)
        if isinstance(value, str) and value:
            for sort, key in _of_field(field, value):
                found[(sort, key)] = []
    name = str(values.get(subject.name_field) or "") if subject.name_field else ""
    # A person is told by numbers alone: there are too many of one name.
    if values.get("kind") != "person" and (core := core_name(name)):
        found[(Sort.NAME, core)] = variants_of(name)
    return found


def keys_of_record(kind: str, record: Any, fields: Mapping[str, RecordField] | None = None) -> Keys:
    """Return the keys of a saved record; none for one that no longer counts."""
    subject = subjects()[kind]
    if not subject.counts(record):
        return {}
    return keys_of_values(kind, values_of(kind, record, fields), fields)


def values_of(kind: str, record: Any, fields: Mapping[str, RecordField] | None = None) -> dict[str, Any]:
    """Return what of a record is compared."""
    known = fields if fields is not None else fields_of(kind)
    names = {name for name in known if "." not in name} | {"custom", "kind"}
    return {name: getattr(record, name) for name in names if name in record.__dict__}


def name_of(subject: Subject, values: Mapping[str, Any]) -> str:
    """Return the company's name among values, empty for a person's."""
    if not subject.name_field or values.get("kind") == "person":
        return ""
    return str(values.get(subject.name_field) or "")


def _value(values: Mapping[str, Any], name: str) -> Any:
    if name.startswith("custom."):
        custom = values.get("custom")
        return custom.get(name.removeprefix("custom.")) if isinstance(custom, dict) else None
    return values.get(name)


def _of_field(field: RecordField, value: str) -> list[tuple[str, str]]:
    found = []
    if field.type is FieldType.PHONE:
        found = [(Sort.PHONE, phone_key(value))]
    elif field.type is FieldType.EMAIL:
        found = [(Sort.EMAIL, email_key(value))]
    elif field.name == "wechat":
        found = [(Sort.WECHAT, wechat_key(value))]
    elif field.type in TEXTS and len(value) <= 40:
        # A text that is a credit code down to its check sign is one, whatever its field is called.
        found = [(Sort.TAX, tax_key(value))]
    return [(str(sort), key) for sort, key in found if key]
