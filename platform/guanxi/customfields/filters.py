"""Conditions on custom fields: equality through the GIN index of `custom`, ranges through the table of values."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from guanxi.common import clock
from guanxi.common.errors import Invalid
from guanxi.customfields.models import CustomField, CustomValue
from guanxi.customfields.ports import host_of
from guanxi.customfields.selectors import definitions_of
from guanxi.customfields.types import ValueType, is_empty
from guanxi.customfields.values import column_of, indexed, plain_number

M = TypeVar("M", bound=Model)
T = ValueType
OPERATORS = ("eq", "ne", "in", "contains", "gt", "gte", "lt", "lte", "between", "empty", "not_empty")
MAX_CONDITIONS = 20
MAX_IN = 100


def filter_custom(queryset: QuerySet[M], kind: str, conditions: Iterable[Mapping[str, Any]]) -> QuerySet[M]:
    """Narrow a list by `{field, op, value}` on custom fields; raise Invalid for a condition that cannot be asked.

    A field whose records are still being indexed cannot be asked either, since the answer would lack some.
    """
    asked = list(conditions)
    if not asked:
        return queryset
    fields = {field.name: field for field in definitions_of(kind)}
    if len(asked) > MAX_CONDITIONS:
        raise _refusal("too_many_conditions", "filters")
    for one in asked:
        queryset = queryset.filter(condition_q(fields.get(str(one.get("field"))), one))
    return queryset


def condition_q(field: CustomField | None, condition: Mapping[str, Any]) -> Q:
    """Return one condition as a filter of the records."""
    name, op, value = str(condition.get("field")), condition.get("op"), condition.get("value")
    if field is None or not field.filterable:
        raise _refusal("filter_unknown", name)
    if field.indexed_at is None:
        raise _refusal("filter_not_ready", name)
    try:
        if op in {"empty", "not_empty"}:
            there = Q(_there(field))
            return there if op == "not_empty" else ~there
        if op in {"eq", "ne", "in"}:
            return _equal(field, str(op), value)
        if op == "contains":
            return _contains(field, value)
        if op in {"gt", "gte", "lt", "lte", "between"}:
            return Q(pk__in=_range(field, str(op), value))
    except (ValueError, TypeError, ArithmeticError):
        raise _refusal("filter_value", name) from None
    raise _refusal("filter_operator", name)


def _refusal(code: str, name: str) -> Invalid:
    return Invalid(code, "This condition cannot be asked.", fields={name[:100]: code})


def _there(field: CustomField) -> Exists:
    return Exists(CustomValue.objects.filter(record_id=OuterRef("pk"), field=field))


def _equal(field: CustomField, op: str, value: Any) -> Q:
    wanted = value if isinstance(value, list) else [value]
    if not wanted or len(wanted) > MAX_IN or any(is_empty(one) for one in wanted):
        raise ValueError(value)
    condition = Q()
    for one in wanted:
        condition |= Q(custom__contains={field.key: _as_kept(field, one)})
    return ~condition if op == "ne" else condition


def _as_kept(field: CustomField, value: Any) -> Any:
    """Return what a filter names, in the shape that records keep it in."""
    kind = field.config.get("result") if field.type == T.FORMULA else field.type
    if kind == T.MONEY:
        return str(Decimal(str(value)).quantize(Decimal("0.01")))
    if kind == T.NUMBER:
        return plain_number(Decimal(str(value)))
    if kind in {T.MEMBER, T.DEPARTMENT, T.RELATION}:
        return int(value)
    if kind == T.BOOLEAN:
        return value if isinstance(value, bool) else str(value).lower() in {"true", "1", "yes"}
    return [str(value)] if kind == T.CHOICES else str(value)


def _contains(field: CustomField, value: Any) -> Q:
    if field.type == T.CHOICES:
        return _equal(field, "in", value)
    if column_of(field) != "text" or is_empty(value):
        raise ValueError(value)
    rows = CustomValue.objects.filter(field=field, text__contains=str(value).casefold()[:100])
    return Q(pk__in=rows.values("record_id"))


def _range(field: CustomField, op: str, value: Any) -> QuerySet[CustomValue, Any]:
    column = column_of(field)
    if column == "text":
        raise ValueError(op)
    if op == "between":
        least, most = value
        parts = [("gte", least), ("lte", most)]
    else:
        parts = [(op, value)]
    rows = CustomValue.objects.filter(field=field)
    for sign, part in parts:
        if is_empty(part):
            continue
        name, bound = _bound(field, column, sign, part)
        rows = rows.filter(**{f"{column}__{name}": bound})
    return rows.values("record_id")


def _bound(field: CustomField, column: str, sign: str, value: Any) -> tuple[str, Any]:
    """Return the bound of a range; a mere day as the end of a field of moments means the whole day."""
    if column == "moment" and field.type == T.DATETIME and len(str(value)) == 10:
        start = datetime.combine(date.fromisoformat(value), time(), ZoneInfo(clock.BUSINESS_ZONE)).astimezone(UTC)
        if sign in {"lte", "gt"}:
            return ("lt" if sign == "lte" else "gte"), start + timedelta(days=1)
        return sign, start
    return sign, indexed(field, value)


def sort_key(kind: str, name: str) -> tuple[CustomField, str]:
    """Return the field and the column that a list is sorted by; raise Invalid for one that has no index."""
    field = next((one for one in definitions_of(kind) if one.name == name), None)
    if field is None or not field.filterable or field.indexed_at is None or field.type == T.CHOICES:
        raise _refusal("sort_unknown", name)
    return field, column_of(field)


def in_order(
    queryset: QuerySet[M], kind: str, name: str, *, descending: bool = False, after: tuple[Any, int] | None = None
) -> QuerySet[M]:
    """Return the rows that have a value in a field, in its order, beginning after `(value, id)` of the row before.

    Each row carries `sort_value`; the table of values is walked along its index, so that a deep page costs what the
    first one does.
    """
    field, column = sort_key(kind, name)
    table, values = host_of(kind).model._meta.db_table, CustomValue._meta.db_table
    where, params = [f'"{values}".record_id = "{table}"."id"', f'"{values}".field_id = %s'], [field.pk]
    where.append(f'"{values}"."{column}" IS NOT NULL')
    if after is not None:
        sign = "<" if descending else ">"
        where.append(f'("{values}"."{column}", "{values}".record_id) {sign} (%s, %s)')
        params += [after[0], after[1]]
    # The names are our own tables and one of three columns; what the caller gave goes in as parameters.
    rows = queryset.extra(  # noqa: S610
        tables=[values], where=where, params=params, select={"sort_value": f'"{values}"."{column}"'}
    )
    direction = "-" if descending else ""
    return rows.extra(order_by=[f"{direction}{values}.{column}", f"{direction}{values}.record_id"])
