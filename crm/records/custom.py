"""Joins custom fields to records: as a source of fields, at every write, as what fields may point at."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from crm.records import pointing
from crm.records.base import Record
from crm.records.fields import DataClass, FieldType, RecordField, register_field_source
from crm.records.hooks import RecordHook, Values, register_hook
from crm.records.registry import access_record, record_kind, record_kinds
from guanxi.access import Actor
from guanxi.common.errors import NotFound
from guanxi.customfields.ports import standard_values
from guanxi.customfields.selectors import definitions_of, remembered_definitions
from guanxi.customfields.services import CleanCustom, NotUnique, Writing, clean_custom, rebuild_record, standard_names
from guanxi.customfields.types import COMPUTED, NOT_FILTERABLE, SORTABLE_TYPES, ValueType, is_empty
from guanxi.customfields.values import default_of, open_options

if TYPE_CHECKING:
    from guanxi.customfields.models import CustomField

MASKABLE = {ValueType.TEXT, ValueType.PHONE, ValueType.EMAIL, ValueType.LONG_TEXT}
_requires: ContextVar[bool] = ContextVar("guanxi_custom_requires", default=True)


def register() -> None:
    """Register the source, the hook, and what fields may point at."""
    register_field_source(custom_fields)
    register_hook(RecordHook(name="custom", clean=clean_hook, saved=saved_hook, saved_many=saved_many_hook))
    pointing.register()


def custom_fields(kind: str) -> Iterator[RecordField]:
    """Yield the fields that the tenant made, as the catalogue knows fields."""
    if not takes_custom_fields(kind):
        return
    for field in definitions_of(kind):
        yield _as_record_field(field)


def takes_custom_fields(kind: str) -> bool:
    """Return whether a kind of record takes custom fields."""
    known = record_kinds().get(kind)
    return known is not None and known.operations is not None


def _as_record_field(field: "CustomField") -> RecordField:
    ready = field.filterable and field.indexed_at is not None and field.value_type not in NOT_FILTERABLE
    return RecordField(
        name=field.name,
        type=FieldType(field.type),
        label=field.label,
        required=field.required,
        editable=field.value_type not in COMPUTED,
        filterable=ready,
        sortable=ready and field.value_type in SORTABLE_TYPES,
        maskable=field.value_type in MASKABLE,
        importable=field.value_type not in COMPUTED | {ValueType.FILE},
        choices=tuple(option["id"] for option in field.options if not option.get("archived")),
        relation=str(field.config.get("relation", "")),
        data_class=DataClass(field.data_class),
    )


@contextmanager
def required_later() -> Iterator[None]:
    """Let records be made without their required custom fields: of a lead that is converted nobody is asked for what
    only the customer needs.
    """
    token = _requires.set(False)
    try:
        yield
    finally:
        _requires.reset(token)


def clean_hook(actor: Actor, kind: str, record: Record | None, values: Values) -> Values:
    """Clean the custom values of a write; formulas follow the other fields too."""
    if not takes_custom_fields(kind):
        return values
    given = values.get("custom")
    names = standard_names(kind)
    writing = Writing(
        actor=actor,
        kind=kind,
        before=dict(record.custom) if record is not None else {},
        standard=_after(kind, record, values, names),
        standard_before=standard_values(record, names) if record is not None else {},
        is_new=record is None,
        record_id=record.pk if record is not None else None,
        requires=_requires.get() and not actor.is_unbounded,
    )
    try:
        custom = clean_custom(writing, given)
    except NotUnique as clash:
        _name_holder(actor, clash)
        raise
    values = {name: value for name, value in values.items() if name != "custom"}
    if custom is None:
        return values
    return {**values, "custom": custom}


def _after(kind: str, record: Record | None, values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return the other fields as they will be."""
    base: Any = record if record is not None else record_kind(kind).model()
    return {**standard_values(base, names), **{name: values[name] for name in names if name in values}}


def _name_holder(actor: Actor, clash: NotUnique) -> None:
    """Say which record has the value, to whoever may see that record."""
    try:
        holder = access_record(actor, clash.kind, clash.record_id)
    except NotFound:
        return
    clash.params |= {"kind": clash.kind, "record_id": clash.record_id, "title": record_kind(clash.kind).title(holder)}


def saved_hook(actor: Actor, kind: str, record: Record, fields: frozenset[str]) -> None:
    """Follow a saved row; a new one that nobody cleaned (a captured lead) gets its defaults and numbers now."""
    if not takes_custom_fields(kind):
        return
    is_new = "id" in fields
    if not is_new and not fields & {"custom", *standard_names(kind)}:
        return
    known = record.custom if isinstance(record.custom, CleanCustom) else None
    fill = _defaults(actor, kind) if is_new and known is None else None
    written = {*record.custom, *(fill or ())} if is_new or "custom" in fields else set()
    touched = known.touched if known is not None else written
    try:
        rebuild_record(kind=kind, record=record, is_new=is_new, touched=touched, fill=fill)
    except NotUnique as clash:
        _name_holder(actor, clash)
        raise


def saved_many_hook(actor: Actor, kind: str, records: Sequence[Record], fields: frozenset[str]) -> None:
    """Follow a chunk of saved rows; what the fields of the kind are is read once."""
    with remembered_definitions():
        for record in records:
            saved_hook(actor, kind, record, fields)


def _defaults(actor: Actor, kind: str) -> dict[str, Any]:
    found = {field.key: default_of(actor, field) for field in definitions_of(kind) if field.default is not None}
    return {key: value for key, value in found.items() if not is_empty(value)}


def searched_texts(kind: str, custom: Mapping[str, Any]) -> list[str]:
    """Return the texts of searchable fields, for the keys that a record is found by."""
    if not custom:
        return []
    fields = [field for field in definitions_of(kind) if field.searchable]
    return [str(custom[field.key]) for field in fields if not is_empty(custom.get(field.key))]


def carry_custom(custom: Mapping[str, Any], *, source: str, target: str) -> dict[str, Any]:
    """Return the values that a record of one kind gives to one of another: of fields with the same key and type."""
    if not custom:
        return {}
    theirs = {field.key: field for field in definitions_of(target)}
    carried = {}
    for field in definitions_of(source):
        twin = theirs.get(field.key)
        if twin is None or twin.type != field.type or twin.value_type in COMPUTED or field.key not in custom:
            continue
        value = custom[field.key]
        chosen = value if isinstance(value, list) else [value]
        if not twin.options or set(chosen) <= open_options(twin):
            carried[field.key] = value
    return carried


def spread_custom(changes: Mapping[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    """Return changes with a line for each custom field instead of one for all of them."""
    spread = {name: pair for name, pair in changes.items() if name != "custom"}
    before, after = changes.get("custom", ({}, {}))
    for key in {**(before or {}), **(after or {})}:
        pair = ((before or {}).get(key), (after or {}).get(key))
        if pair[0] != pair[1]:
            spread[f"custom.{key}"] = pair
    return spread
