"""What each type of field can be asked, and how it is asked of the database."""

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from crm.records.fields import FieldType, RecordField
from crm.records.lists.spans import Span, midnight, span_of
from crm.records.search import MIN_TAIL, grams_of
from guanxi.access import Actor
from guanxi.common import clock
from tenants.members.selectors import department_paths

T = FieldType
_THERE = ("empty", "not_empty")
_EQUAL = ("eq", "ne", "in", "not_in")
_ORDERED = ("eq", "ne", "gt", "gte", "lt", "lte", "between")
_WORDS = (*_EQUAL, "contains", "starts", *_THERE)
_AMOUNTS = (*_ORDERED, *_THERE)
_DATES = (*_ORDERED, "within", *_THERE)

OPERATORS: dict[FieldType, tuple[str, ...]] = {
    T.TEXT: _WORDS,
    T.LONG_TEXT: _WORDS,
    T.LINK: _WORDS,
    T.EMAIL: _WORDS,
    T.PHONE: ("eq", "ends", *_THERE),
    T.INTEGER: _AMOUNTS,
    T.NUMBER: _AMOUNTS,
    T.MONEY: _AMOUNTS,
    T.DATE: _DATES,
    T.DATETIME: _DATES,
    T.BOOLEAN: ("eq",),
    T.CHOICE: (*_EQUAL, *_THERE),
    T.CHOICES: ("in", "all", "not_in", *_THERE),
    T.TAGS: ("in", "all", "not_in", *_THERE),
    T.MEMBER: (*_EQUAL, "in_department", *_THERE),
    T.DEPARTMENT: (*_EQUAL, *_THERE),
    T.RELATION: (*_EQUAL, *_THERE),
    T.FORMULA: _AMOUNTS,
    T.AUTO_NUMBER: ("eq", "in", "contains"),
    T.FILE: _THERE,
}
# These stand in the search keys, by which a part of them is found without reading the table.
IN_SEARCH_KEYS = {"name", "company"}
ME = "me"
MINE = "mine"


def q_of(actor: Actor, field: RecordField, op: str, value: Any) -> Q:
    """Return a condition on a field that stands in code; raise ValueError or TypeError for a value that cannot be."""
    if op in _THERE:
        there = ~_empty(field)
        return there if op == "not_empty" else ~there
    return _ASKED[field.type](actor, field, op, value)


def _empty(field: RecordField) -> Q:
    if field.type is T.TAGS:
        return Q(**{field.name: []})
    if field.type in {T.TEXT, T.LONG_TEXT, T.LINK, T.EMAIL, T.PHONE, T.CHOICE}:
        return Q(**{field.name: ""})
    return Q(**{f"{field.name}__isnull": True})


def _many(value: Any) -> list[Any]:
    values = value if isinstance(value, list) else [value]
    if not values or any(one in (None, "") for one in values):
        raise ValueError("no value")
    return values


def _equal(name: str, op: str, values: list[Any]) -> Q:
    condition = Q(**{name: values[0]}) if len(values) == 1 else Q(**{f"{name}__in": values})
    return condition if op in {"eq", "in"} else ~condition


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\x00" in value or len(value) > 300:
        raise ValueError("no text")
    return value.strip()


def _words(actor: Actor, field: RecordField, op: str, value: Any) -> Q:
    if op in {"contains", "starts"}:
        text = _text(value)
        condition = Q(**{f"{field.name}__{'icontains' if op == 'contains' else 'istartswith'}": text})
        grams = grams_of(text) if field.name in IN_SEARCH_KEYS else []
        return Q(search_keys__contains=grams) & condition if grams else condition
    return _equal(field.name, op, [_text(one) for one in _many(value)])


def _choice(actor: Actor, field: RecordField, op: str, value: Any) -> Q:
    values = [_text(one) for one in _many(value)]
    if field.choices and not set(values) <= set(field.choices):
        raise ValueError("not a choice")
    return _equal(field.name, op, values)


def _tags(actor: Actor, field: RecordField, op: str, value: Any) -> Q:
    tags = [_text(one) for one in _many(value)]
    if op == "all":
        return Q(**{f"{field.name}__contains": tags})
    condition = Q()
    for tag in tags:
        condition |= Q(**{f"{field.name}__contains": [tag]})
    return ~condition if op == "not_in" else condition


def _phone(actor: Actor, field: RecordField, op: str, value: Any) -> Q:
    digits = re.sub(r"\D", "", str(value))[-11:]
    if len(digits) < MIN_TAIL:
        raise ValueError("too few digits")
    by_key = Q(search_keys__contains=[f"p:{digits}"])
    return by_key if op == "ends" else by_key & Q(**{f"{field.name}__endswith": digits})


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError("no number")
    number = Decimal(str(value))
    if not number.is_finite() or abs(number) >= Decimal(10) ** 18:
        raise ValueError("no number")
    return number


def _amount(actor: Actor, field: RecordField, op: str, value: Any) -> Q:
    if op == "between":
        least, most = value
        return Q(**{f"{field.name}__gte": _number(least), f"{field.name}__lte": _number(most)})
    if op in {"eq", "ne"}:
        return _equal(field.name, op, [_number(value)])
    return Q(**{f"{field.name}__{op}": _number(value)})


def days_of(actor: Actor, value: Any) -> Span:
    """Return the days of a span such as `this_week`, as the actor's calendar has them."""
    span = span_of(_text(value), clock.today(actor.timezone))
    if span is None:
        raise ValueError("no span")
    return span


def _days(actor: Actor, op: str, value: Any) -> Span:
    """Return the first day that an operator's value means, and the day after the last one."""
    if op == "within":
        return days_of(actor, value)
    if op == "between":
        first, last = (date.fromisoformat(_text(one)) for one in value)
        return first, last + timedelta(days=1)
    day = date.fromisoformat(_text(value))
    return day, day + timedelta(days=1)


def _bounded(name: str, op: str, first: Any, end: Any) -> Q:
    if op in {"eq", "ne", "between", "within"}:
        inside = Q(**{f"{name}__gte": first, f"{name}__lt": end})
        return ~inside if op == "ne" else inside
    sign, bound = {"lt": ("lt", first), "lte": ("lt", end), "gt": ("gte", end), "gte": ("gte", first)}[op]
    return Q(**{f"{name}__{sign}": bound})


def _date(actor: Actor, field: RecordField, op: str, value: Any) -> Q:
    return _bounded(field.name, op, *_days(actor, op, value))


def _moment(actor: Actor, field: RecordField, op: str, value: Any) -> Q:
    if isinstance(value, str) and len(value) > 10 and op in {"gt", "gte", "lt", "lte"}:
        moment = parse_datetime(value)
        if moment is None or moment.tzinfo is None:
            raise ValueError("no moment")
        return Q(**{f"{field.name}__{op}": moment})
    first, end = _days(actor, op, value)
    return _bounded(field.name, op, midnight(first, actor.timezone), midnight(end, actor.timezone))


def _boolean(actor: Actor, field: RecordField, op: str, value: Any) -> Q:
    if not isinstance(value, bool):
        raise TypeError("yes or no")
    return Q(**{field.name: value})


def members_of(actor: Actor, values: Iterable[Any]) -> list[int]:
    """Return the ids of members, of whom one may be "me"."""
    ids = [actor.member_id if one == ME else int(one) for one in values]
    if any(one is None for one in ids):
        raise ValueError("nobody is me")
    return [one for one in ids if one is not None]


def _member(actor: Actor, field: RecordField, op: str, value: Any) -> Q:
    values = _many(value)
    if op != "in_department":
        return _equal(field.name, op, members_of(actor, values))
    if field.name != "owner_id":
        raise ValueError("only the owner's department is kept")
    wanted = [actor.department_path if one == MINE else None for one in values]
    paths = [path for path in wanted if path] + department_paths([int(one) for one in values if one != MINE])
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(owner_department_path__startswith=path)
    return condition


def _reference(actor: Actor, field: RecordField, op: str, value: Any) -> Q:
    return _equal(field.name, op, [int(one) for one in _many(value)])


Asked = Callable[[Actor, RecordField, str, Any], Q]
_ASKED: dict[FieldType, Asked] = {
    T.TEXT: _words,
    T.LONG_TEXT: _words,
    T.LINK: _words,
    T.EMAIL: _words,
    T.AUTO_NUMBER: _words,
    T.PHONE: _phone,
    T.INTEGER: _amount,
    T.NUMBER: _amount,
    T.MONEY: _amount,
    T.FORMULA: _amount,
    T.DATE: _date,
    T.DATETIME: _moment,
    T.BOOLEAN: _boolean,
    T.CHOICE: _choice,
    T.CHOICES: _tags,
    T.TAGS: _tags,
    T.MEMBER: _member,
    T.DEPARTMENT: _reference,
    T.RELATION: _reference,
}
