"""One value of a custom field: what is taken, how it is kept, how it is indexed and shown."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from guanxi.access import Actor
from guanxi.common import clock
from guanxi.customfields.models import CustomField, CustomValue
from guanxi.customfields.ports import reference_of
from guanxi.customfields.types import ValueType, is_empty

T = ValueType
MAX_TEXT, MAX_LONG_TEXT, MAX_LINK, MAX_CHOICES = 500, 10_000, 1000, 50
MAX_INDEXED = 200
LARGEST = Decimal(10) ** 15
CENT = Decimal("0.01")
_PHONE = re.compile(r"\+?\d[\d\s-]{3,24}\d")


class FieldFault(Exception):
    """A value that the field does not take; `code` names why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clean_value(actor: Actor, field: CustomField, value: Any) -> Any:
    """Return a value as it is kept, None for an empty one; raise FieldFault for one that the field does not take."""
    if isinstance(value, str):
        value = value.strip()
    return None if is_empty(value) else _CLEANERS[field.value_type](actor, field, value)


def _text(_: Actor, field: CustomField, value: Any) -> str:
    if not isinstance(value, str):
        raise FieldFault("not_a_text")
    if "\x00" in value:
        raise FieldFault("not_a_text")
    if len(value) > {T.LONG_TEXT: MAX_LONG_TEXT, T.LINK: MAX_LINK}.get(field.value_type, MAX_TEXT):
        raise FieldFault("too_long")
    return value


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise FieldFault("not_a_number")
    try:
        number = Decimal(str(value).replace(",", "").replace("，", ""))
    except DecimalException:
        raise FieldFault("not_a_number") from None
    if not number.is_finite():
        raise FieldFault("not_a_number")
    if abs(number) >= LARGEST:
        raise FieldFault("too_large")
    return number


def plain_number(number: Decimal) -> int | float:
    """Return a number as JSON holds it: a whole one as such, so that 5 and 5.0 are the same value."""
    return int(number) if number == number.to_integral_value() else float(number)


def _number(_: Actor, field: CustomField, value: Any) -> int | float:
    number = _decimal(value)
    digits = int(field.config.get("decimals", 6))
    if number != round(number, digits):
        raise FieldFault("too_many_decimals")
    _within(field, number)
    return plain_number(number)


def _within(field: CustomField, number: Decimal) -> None:
    least, most = field.config.get("min"), field.config.get("max")
    if least is not None and number < Decimal(str(least)):
        raise FieldFault("too_small")
    if most is not None and number > Decimal(str(most)):
        raise FieldFault("too_large")


def _money(_: Actor, field: CustomField, value: Any) -> str:
    number = _decimal(value)
    if number != round(number, 2):
        raise FieldFault("too_many_decimals")
    _within(field, number)
    return str(number.quantize(CENT))


def _date(_: Actor, field: CustomField, value: Any) -> str:
    try:
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError:
        raise FieldFault("not_a_date") from None


def _datetime(_: Actor, field: CustomField, value: Any) -> str:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise FieldFault("not_a_datetime") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(clock.BUSINESS_ZONE))
    return moment.astimezone(UTC).isoformat()


def _boolean(_: Actor, field: CustomField, value: Any) -> bool:
    if not isinstance(value, bool):
        raise FieldFault("not_a_boolean")
    return value


def open_options(field: CustomField) -> set[str]:
    """Return the ids of the options that may still be chosen."""
    return {option["id"] for option in field.options if not option.get("archived")}


def _choice(_: Actor, field: CustomField, value: Any) -> str:
    if not isinstance(value, str) or value not in open_options(field):
        raise FieldFault("unknown_option")
    return str(value)


def _choices(_: Actor, field: CustomField, value: Any) -> list[str]:
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list) or any(not isinstance(one, str) for one in given):
        raise FieldFault("unknown_option")
    if not set(given) <= open_options(field):
        raise FieldFault("unknown_option")
    return [option["id"] for option in field.options if option["id"] in given]


def _phone(actor: Actor, field: CustomField, value: Any) -> str:
    text = _text(actor, field, str(value) if isinstance(value, int) else value)
    if not _PHONE.fullmatch(text):
        raise FieldFault("not_a_phone")
    return re.sub(r"[\s-]", "", text)


def _email(actor: Actor, field: CustomField, value: Any) -> str:
    text = _text(actor, field, value).lower()
    try:
        validate_email(text)
    except ValidationError:
        raise FieldFault("not_an_email") from None
    return text


def _link(actor: Actor, field: CustomField, value: Any) -> str:
    text = _text(actor, field, value)
    text = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(text)
    except ValueError:
        raise FieldFault("not_a_link") from None
    if parts.scheme not in {"http", "https"} or "." not in (parts.hostname or "") or " " in text:
        raise FieldFault("not_a_link")
    return text


def reference_kind(field: CustomField) -> str:
    """Return what a field points at: member, department, file, or a kind of record."""
    return str(field.config.get("relation", "")) if field.type == T.RELATION else field.type


def _reference(actor: Actor, field: CustomField, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise FieldFault("not_found")
    known = reference_of(reference_kind(field))
    if known is None or not 0 < value < 2**63 or not known.reachable(actor, value):
        raise FieldFault("not_found")
    return value


def _computed(_: Actor, field: CustomField, value: Any) -> Any:
    raise FieldFault("read_only")


_CLEANERS: dict[ValueType, Callable[[Actor, CustomField, Any], Any]] = {
    T.TEXT: _text,
    T.LONG_TEXT: _text,
    T.NUMBER: _number,
    T.MONEY: _money,
    T.DATE: _date,
    T.DATETIME: _datetime,
    T.BOOLEAN: _boolean,
    T.CHOICE: _choice,
    T.CHOICES: _choices,
    T.MEMBER: _reference,
    T.DEPARTMENT: _reference,
    T.PHONE: _phone,
    T.EMAIL: _email,
    T.LINK: _link,
    T.FILE: _reference,
    T.RELATION: _reference,
    T.FORMULA: _computed,
    T.AUTO_NUMBER: _computed,
}


def default_of(actor: Actor, field: CustomField) -> Any:
    """Return what a new record gets in a field that nobody filled, None for nothing; a date may be the day itself, a
    person the one who acts.
    """
    value = field.default
    if value == "today" and field.type == T.DATE:
        return clock.today().isoformat()
    if value == "me" and field.type == T.MEMBER:
        return actor.member_id
    try:
        return clean_value(actor, field, value)
    except FieldFault:  # An option that was taken away since.
        return None


def kept_answer(field: CustomField, answer: Any) -> Any:
    """Return a formula's answer as it is kept."""
    if isinstance(answer, Decimal):
        digits = int(field.config.get("decimals", 2))
        return plain_number(answer.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP))
    return answer.isoformat() if isinstance(answer, date) else answer


def unique_key(value: Any) -> str:
    """Return what two values that are the same have in common."""
    return " ".join(str(value).casefold().split())[:500]


def column_of(field: CustomField) -> str:
    """Return the column of the table of values that a field's values stand in."""
    kind = field.type
    if kind == T.FORMULA:
        kind = {"number": T.NUMBER, "date": T.DATE, "boolean": T.BOOLEAN}.get(str(field.config.get("result")), T.TEXT)
    if kind in {T.NUMBER, T.MONEY, T.BOOLEAN, T.MEMBER, T.DEPARTMENT, T.RELATION, T.FILE}:
        return "number"
    return "moment" if kind in {T.DATE, T.DATETIME} else "text"


def indexed(field: CustomField, value: Any) -> Any:
    """Return a kept value as its column holds it."""
    column = column_of(field)
    if column == "number":
        return Decimal(int(value) if isinstance(value, bool) else str(value))
    if column == "moment":
        moment = datetime.fromisoformat(str(value))
        return moment if moment.tzinfo else datetime.combine(moment.date(), time(), UTC)
    return str(value).casefold()[:MAX_INDEXED]


def rows_of(field: CustomField, record_id: int, value: Any) -> list[CustomValue]:
    """Return the rows of the table of values for a kept value: none, one, or one for each choice."""
    if is_empty(value):
        return []
    parts = value if isinstance(value, list) else [value]
    column = column_of(field)
    return [CustomValue(field_id=field.pk, record_id=record_id, **{column: indexed(field, part)}) for part in parts]
