"""Keyset pages: a cursor names the last row seen, so that deep pages cost what the first one does."""

import base64
import binascii
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypedDict, TypeVar

import orjson
from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from ninja import Field, Schema

from guanxi.common.errors import Invalid

T = TypeVar("T")
M = TypeVar("M", bound=Model)
DEFAULT_LIMIT, MAX_LIMIT = 50, 100


class PageParams(Schema):
    """`?limit=` and `?cursor=` of every list."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, max_length=1000)


class Page(Schema, Generic[T]):
    """A page of a list; `next` goes into `?cursor=` for the following one, null at the end."""

    items: list[T]
    next: str | None


class PageResult(TypedDict):
    """What an operation returns for `Page[...]`."""

    items: list[Any]
    next: str | None


def paginate(queryset: QuerySet[M], page: PageParams, *, order: Sequence[str] = ("-created_at", "-id")) -> PageResult:
    """Return one page of `queryset` in `order`, whose last field must be unique and whose fields must not be null.

    Raises Invalid("invalid_cursor") for a cursor that is not ours or belongs to another order.
    """
    if page.cursor:
        queryset = queryset.filter(_after(order, _decode(page.cursor, order)))
    rows = list(queryset.order_by(*order)[: page.limit + 1])
    more = len(rows) > page.limit
    rows = rows[: page.limit]
    return {"items": rows, "next": _encode(order, rows[-1]) if more else None}


def _after(order: Sequence[str], values: list[Any]) -> Q:
    # (a, b) after (x, y) is: a beyond x, or a equal x and b beyond y. The first conjunct alone lets the index begin at
    # the right place.
    condition = Q()
    for name, value in reversed(list(zip(order, values, strict=True))):
        field, beyond = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        strictly = Q(**{f"{field}__{beyond}": value})
        condition = Q(**{f"{field}__{beyond}e": value}) & (strictly | condition) if condition else strictly
    return condition


def _value(row: Any, name: str) -> Any:
    for part in name.lstrip("-").split("__"):
        row = getattr(row, part)
    return row


def _encode(order: Sequence[str], row: Any) -> str:
    return cursor_at(order, [_value(row, name) for name in order])


def cursor_at(order: Sequence[str], values: Sequence[Any]) -> str:
    """Return the cursor for what comes after a row with these values."""
    plain = [_plain(value) for value in values]
    return base64.urlsafe_b64encode(orjson.dumps([list(order), plain])).decode().rstrip("=")


def position_of(cursor: str, order: Sequence[str]) -> list[Any]:
    """Return the values of the row that a cursor stands at; raise Invalid for one of another order."""
    return _decode(cursor, order)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, Decimal):
        return {"n": str(value)}
    return value


def _decode(cursor: str, order: Sequence[str]) -> list[Any]:
    refusal = Invalid(
        "invalid_cursor",
        "This cursor is not one of this list in this order; begin again without it.",
        fields={"cursor": "invalid"},
    )
    try:
        names, values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if names != list(order) or len(values) != len(names):
            raise refusal
        return [_restored(value) for value in values]
    except (binascii.Error, ValueError, TypeError, ArithmeticError) as fault:
        raise refusal from fault


def _restored(value: Any) -> Any:
    if not isinstance(value, dict):
        if not isinstance(value, (str, int, float, bool)):
            raise ValueError("not a value of ours")
        return value
    ((kind, text),) = value.items()
    if kind == "t":
        moment = parse_datetime(str(text))
        if moment is None:
            raise ValueError("no date-time")
        return moment
    return date.fromisoformat(str(text)) if kind == "d" else Decimal(str(text))
