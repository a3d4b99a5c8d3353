"""Conditions of a list over the fields of the catalogue: read, checked against what the actor may know, made SQL.

A filter is a list of groups that all hold; a group is one condition, or `{"any": [...]}`, one of which holds:
`[{"field": "city", "op": "eq", "value": "杭州"}, {"any": [{"field": "level", "op": "empty"}, …]}]`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from django.db.models import Q

from crm.records.fields import FieldType, RecordField, fields_of
from crm.records.lists.operators import OPERATORS, days_of, members_of, q_of
from guanxi.access import Actor, FieldMode
from guanxi.common.errors import Invalid
from guanxi.customfields.filters import condition_q
from guanxi.customfields.selectors import definitions_of

MAX_CONDITIONS = 20
MAX_VALUES = 200


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: a field of the catalogue, an operator that its type knows, a value."""

    field: RecordField
    op: str
    value: Any


Group = tuple[Condition, ...]


def _refusal(code: str, name: str, detail: str, **params: Any) -> Invalid:
    return Invalid(code, detail, fields={f"filter.{name}"[:120]: code}, params={"field": name, **params})


def parse_filter(actor: Actor, kind: str, text: str) -> list[Group]:
    """Return the groups of a filter; raise Invalid and say which field and why when one cannot be asked."""
    if not text.strip():
        return []
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        raise _refusal("filter_not_json", "", "The filter is not JSON.") from fault
    if not isinstance(given, list):
        raise _refusal("filter_shape", "", 'A filter is a list of conditions, or of {"any": [conditions]}.')
    groups = [entry["any"] if isinstance(entry, dict) and "any" in entry else [entry] for entry in given]
    if any(not isinstance(group, list) or not group for group in groups):
        raise _refusal("filter_shape", "", '"any" holds a list of conditions, and at least one.')
    if sum(map(len, groups)) > MAX_CONDITIONS:
        raise _refusal("too_many_conditions", "", f"A filter has at most {MAX_CONDITIONS} conditions.")
    fields = fields_of(kind)
    return [tuple(_condition(actor, kind, fields, one) for one in group) for group in groups]


def _condition(actor: Actor, kind: str, fields: Mapping[str, RecordField], given: Any) -> Condition:
    if not isinstance(given, dict) or not isinstance(given.get("field"), str) or not isinstance(given.get("op"), str):
        raise _refusal("filter_shape", "", "A condition has a field, an op and mostly a value.")
    name, op, value = given["field"], given["op"], given.get("value")
    field = fields.get(name)
    # A field that is hidden is as good as unknown: not even that it exists may be learnt from the refusal.
    if field is None or field_mode(actor, kind, name) is FieldMode.HIDDEN:
        raise _refusal("filter_unknown", name, f"There is no field {name} here.")
    if not field.filterable:
        raise _refusal("filter_not_filterable", name, f"The list cannot be filtered by {name}.")
    if field_mode(actor, kind, name) is FieldMode.MASKED and op not in {"empty", "not_empty"}:
        raise _refusal("filter_masked", name, f"You see {name} masked, so the list cannot be filtered by its value.")
    if op not in OPERATORS[field.type]:
        raise _refusal("filter_operator", name, f"{name} knows {', '.join(OPERATORS[field.type])}.", op=op)
    if isinstance(value, list) and len(value) > MAX_VALUES:
        raise _refusal("filter_value", name, f"At most {MAX_VALUES} values.", op=op)
    return Condition(field, op, value)


def field_mode(actor: Actor, kind: str, name: str) -> FieldMode:
    """Return what the actor's roles let it do with a field."""
    if actor.is_unbounded:
        return FieldMode.EDIT
    return actor.field_modes.get(kind, {}).get(name, FieldMode.EDIT)


def condition_of_filter(actor: Actor, kind: str, text: str) -> Q:
    """Return a filter as the condition of a query; raise Invalid when it cannot be asked."""
    whole = Q()
    for group in parse_filter(actor, kind, text):
        some = Q()
        for condition in group:
            some |= _q(actor, kind, condition)
        whole &= some
    return whole


def _q(actor: Actor, kind: str, condition: Condition) -> Q:
    try:
        if condition.field.is_custom:
            return _custom_q(actor, kind, condition)
        return q_of(actor, condition.field, condition.op, condition.value)
    except (ValueError, TypeError, ArithmeticError, OverflowError) as fault:
        name = condition.field.name
        raise _refusal(
            "filter_value", name, f"This value does not fit {name} and {condition.op}.", op=condition.op
        ) from fault


def _custom_q(actor: Actor, kind: str, condition: Condition) -> Q:
    """Return a condition on a custom field; spans of days and "me" mean the same as on the other fields."""
    definitions = {field.name: field for field in definitions_of(kind)}
    op, value = condition.op, condition.value
    negative = False
    if op == "within":
        first, end = days_of(actor, value)
        op, value = "between", [first.isoformat(), (end - timedelta(days=1)).isoformat()]
    elif op == "not_in":
        op, negative = "in", True
    elif op == "all":
        field, found = definitions.get(condition.field.name), Q()
        for one in value:
            found &= condition_q(field, {"field": condition.field.name, "op": "in", "value": [one]})
        return found
    if condition.field.type is FieldType.MEMBER and op in {"eq", "ne", "in"}:
        value = members_of(actor, value if isinstance(value, list) else [value])
        op = "in" if op == "eq" else op
    asked = {"field": condition.field.name, "op": op, "value": value}
    found = condition_q(definitions.get(condition.field.name), asked)
    return ~found if negative else found
