"""What happens to the custom fields of a record when it is written: cleaned before, indexed after."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from guanxi.access import Actor
from guanxi.common.errors import Invalid
from guanxi.customfields import formula
from guanxi.customfields.models import CustomField, CustomUnique, CustomValue
from guanxi.customfields.ports import host_of
from guanxi.customfields.selectors import definitions_of, holder_of, is_shown
from guanxi.customfields.services.counting import next_number
from guanxi.customfields.types import COMPUTED, Custom, ValueType, is_empty
from guanxi.customfields.values import FieldFault, clean_value, default_of, kept_answer, rows_of, unique_key

T = ValueType


class CleanCustom(dict[str, Any]):
    """Custom values that have been cleaned, with the keys that changed; a row that comes without was made by our own
    code.
    """

    def __init__(self, values: Mapping[str, Any], touched: Iterable[str]) -> None:
        super().__init__(values)
        self.touched = frozenset(touched)


class NotUnique(Invalid):
    """Another record has the value already; `record_id` names it for whoever may know it."""

    def __init__(self, field: CustomField, record_id: int) -> None:
        super().__init__(
            "custom_not_unique",
            f"Another record has this value of {field.label}. Nothing was saved.",
            fields={field.name: "not_unique"},
            params={"label": field.label},
        )
        self.kind = field.kind
        self.record_id = record_id


@dataclass(frozen=True, slots=True)
class Writing:
    """One record that is being written: its values before and the other fields, as they will be."""

    actor: Actor
    kind: str
    before: Custom
    standard: Mapping[str, Any]
    standard_before: Mapping[str, Any]
    is_new: bool
    record_id: int | None = None
    requires: bool = True


def standard_names(kind: str) -> list[str]:
    """Return the names of the other fields that formulas and conditions may read."""
    return list(host_of(kind).standard())


def clean_custom(writing: Writing, given: Mapping[str, Any] | None) -> CleanCustom | None:
    """Return the custom values that a record is to have, None when none of them changes.

    What is given joins what is there, by key; null takes a value away. Raises Invalid naming every field that is not
    acceptable, NotUnique for a value that another record has.
    """
    fields = definitions_of(writing.kind)
    if not fields and not given:
        return CleanCustom({}, ()) if writing.is_new else None
    after, faults = _merged(writing, fields, given or {})
    if writing.is_new:
        _fill_defaults(writing.actor, fields, given or {}, after)
    faults |= _missing(writing, fields, given or {}, after)
    if faults:
        raise Invalid("custom_fields_invalid", "Some fields are not acceptable. Nothing was saved.", fields=faults)
    _check_unique(writing, fields, after)
    fill_computed(fields, after, writing.standard, number=writing.is_new)
    touched = {key for key in {**writing.before, **after} if writing.before.get(key) != after.get(key)}
    return CleanCustom(after, touched) if writing.is_new or touched else None


def _merged(writing: Writing, fields: list[CustomField], given: Mapping[str, Any]) -> tuple[Custom, dict[str, str]]:
    known = {field.key: field for field in fields}
    after, faults = dict(writing.before), {}
    for key, value in given.items():
        # A program that sends back all it has read changes nothing by that.
        if key in writing.before and writing.before[key] == value:
            continue
        if key not in known:
            faults[f"custom.{key}"[:100]] = "unknown_field"
            continue
        try:
            cleaned = clean_value(writing.actor, known[key], value)
        except FieldFault as fault:
            faults[f"custom.{key}"] = fault.code
            continue
        if cleaned is not None:
            after[key] = cleaned
        elif known[key].type not in COMPUTED:
            after.pop(key, None)
    return after, faults


def _fill_defaults(actor: Actor, fields: Iterable[CustomField], given: Mapping[str, Any], after: Custom) -> None:
    for field in fields:
        if field.default is not None and field.key not in given and field.key not in after:
            value = default_of(actor, field)
            if value is not None:
                after[field.key] = value


def _missing(
    writing: Writing, fields: Iterable[CustomField], given: Mapping[str, Any], after: Custom
) -> dict[str, str]:
    """Return the required fields that a new record lacks, that are being emptied, or that have just come to be shown;
    a record from before the field stays as it is.
    """
    if not writing.requires:
        return {}
    missing = {}
    for field in fields:
        if not field.required or not is_empty(after.get(field.key)) or not is_shown(field, after, writing.standard):
            continue
        emptied = field.key in given and not is_empty(writing.before.get(field.key))
        was_hidden = not is_shown(field, writing.before, writing.standard_before)
        if writing.is_new or emptied or was_hidden:
            missing[field.name] = "required"
    return missing


def _check_unique(writing: Writing, fields: Iterable[CustomField], after: Custom) -> None:
    for field in fields:
        value = after.get(field.key)
        if not field.unique or is_empty(value) or writing.before.get(field.key) == value:
            continue
        holder = holder_of(field, unique_key(value))
        if holder is not None and holder != writing.record_id:
            raise NotUnique(field, holder)


def fill_computed(
    fields: Iterable[CustomField], custom: Custom, standard: Mapping[str, Any], *, number: bool = False
) -> None:
    """Write into `custom` what formulas yield and, when `number`, the auto numbers that are not there yet."""
    fields = list(fields)
    for field in fields:
        if number and field.type == T.AUTO_NUMBER and is_empty(custom.get(field.key)):
            custom[field.key] = next_number(field)
    if any(field.type == T.FORMULA for field in fields):
        _fill_formulas(fields, custom, standard)


def _fill_formulas(fields: list[CustomField], custom: Custom, standard: Mapping[str, Any]) -> None:
    values = formula_values(fields, custom, standard)
    for field in fields:
        if field.type != T.FORMULA:
            continue
        answer = kept_answer(field, formula.compute(formula.parse(field.config["formula"]), values))
        if is_empty(answer):
            custom.pop(field.key, None)
        else:
            custom[field.key] = answer


def formula_values(fields: Iterable[CustomField], custom: Custom, standard: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record's values by the names and in the types that formulas know."""
    fields = list(fields)
    values = {}
    for field in fields:
        if (kind := formula.formula_type(field.type)) is not None:
            values[field.name] = formula.readable(custom.get(field.key), kind)
    for name, value_type in (host_of(fields[0].kind).standard() if fields else {}).items():
        if (kind := formula.formula_type(value_type)) is not None:
            values[name] = formula.readable(standard.get(name), kind)
    return values


def index_values(
    fields: Iterable[CustomField],
    record_id: int,
    custom: Mapping[str, Any],
    *,
    touched: Iterable[str],
    is_new: bool = False,
) -> None:
    """Bring the table of values to what a saved record holds, and the unique keys of the `touched` fields, in the same
    transaction. What clashed before the field was unique may stay as it is until it is touched.

    Raises NotUnique when another record has taken a value meanwhile.
    """
    fields, keys = list(fields), set(touched)
    _sync_values([field for field in fields if field.is_indexed], record_id, custom, is_new=is_new)
    for field in fields:
        if field.unique and field.key in keys:
            holder = take_unique(field, record_id, custom.get(field.key))
            if holder is not None:
                raise NotUnique(field, holder)


def _sync_values(fields: list[CustomField], record_id: int, custom: Mapping[str, Any], *, is_new: bool) -> None:
    if not fields:
        return
    wanted = {_row_key(row): row for field in fields for row in rows_of(field, record_id, custom.get(field.key))}
    if not is_new:
        there = {_row_key(row): row for row in CustomValue.objects.filter(record_id=record_id, field__in=fields)}
        gone = [row.pk for key, row in there.items() if key not in wanted]
        if gone:
            rows = CustomValue.objects.filter(pk__in=gone)
            rows._raw_delete(rows.db)  # nothing hangs below a value
        wanted = {key: row for key, row in wanted.items() if key not in there}
    if wanted:
        CustomValue.objects.bulk_create(wanted.values())


def _row_key(row: CustomValue) -> tuple[Any, ...]:
    return row.field_id, row.text, row.number, row.moment


def take_unique(field: CustomField, record_id: int, value: Any) -> int | None:
    """Let a record hold its value of a unique field, and let go of another; return who holds it otherwise.

    The row of a value waits for a transaction that is writing the same one.
    """
    key = None if is_empty(value) else unique_key(value)
    mine = CustomUnique.objects.filter(field=field, record_id=record_id)
    held = mine.values_list("value", flat=True).first()
    if held == key:
        return None
    if held is not None:
        mine.delete()
    if key is None:
        return None
    CustomUnique.objects.bulk_create([CustomUnique(field=field, value=key, record_id=record_id)], ignore_conflicts=True)
    holder = holder_of(field, key)
    return None if holder == record_id else holder
