"""Pages and counts of a list that hold at a million rows.

The database chooses badly between walking an order until a page is full and gathering what fits the conditions: it
believes conditions to be independent and matches to be spread evenly. So the matches are gathered first, up to a bound.
Fewer than that are sorted; where there are more, walking the order soon fills a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from crm.records.fields import fields_of
from crm.records.lists.conditions import condition_of_filter, field_mode
from crm.records.registry import record_kind
from guanxi.access import Actor, FieldMode
from guanxi.common.errors import Invalid
from guanxi.customfields.filters import in_order
from guanxi.http.pages import PageParams, PageResult, cursor_at, paginate, position_of

GATHERED = 5_000
COUNTED = 10_000
COUNT_TIMEOUT_MS = 2_000
BEYOND_EVERY_ID = 2**63 - 1
# These say how a list is shown, not what is in it.
NO_CONDITIONS = {"order", "filter", "archived", "limit", "cursor"}
ALWAYS_SORTABLE = {"created_at", "updated_at"}


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows fit; not exact means at least so many, None that counting took too long."""

    count: int | None
    exact: bool


def list_rows(actor: Actor, kind: str, filters: Mapping[str, Any]) -> QuerySet[Any]:
    """Return the rows of a kind's list that the actor may see and that fit: the kind's own filters, and `filter`."""
    found = record_kind(kind).find
    if found is None:
        raise Invalid("kind_without_list", "This kind has no list.", fields={"kind": "unknown"})
    return found(actor, filters).filter(condition_of_filter(actor, kind, filters.get("filter") or ""))


def list_page(
    actor: Actor, kind: str, filters: Mapping[str, Any], page: PageParams, *, order: str = "-updated_at"
) -> PageResult:
    """Return a page of a kind's list in the order that `filters` name, `order` by default."""
    rows = list_rows(actor, kind, filters)
    chosen = _checked_order(actor, kind, filters.get("order") or order)
    narrow = any(value not in (None, "", False) for name, value in filters.items() if name not in NO_CONDITIONS)
    ids = _gathered(rows) if narrow or filters.get("filter") else None
    if ids is None:
        return _in_order(kind, rows, page, chosen)
    light = rows.model._default_manager.filter(pk__in=ids)
    result = _in_order(kind, light, page, chosen)
    return {"items": _whole(rows, [row.pk for row in result["items"]]), "next": result["next"]}


def _gathered(rows: QuerySet[Any]) -> list[int] | None:
    ids = list(rows.order_by().values_list("pk", flat=True)[: GATHERED + 1])
    return ids if len(ids) <= GATHERED else None


def _whole(rows: QuerySet[Any], ids: list[int]) -> list[Any]:
    """Return the rows with these ids, as the list shows them, in the order of the ids."""
    found = {row.pk: row for row in rows.filter(pk__in=ids).order_by()}
    return [found[pk] for pk in ids if pk in found]


def _checked_order(actor: Actor, kind: str, order: str) -> str:
    name = order.removeprefix("-")
    field = fields_of(kind).get(name)
    known = name in ALWAYS_SORTABLE or (field is not None and field.sortable)
    if not known or field_mode(actor, kind, name) < FieldMode.READ:
        raise Invalid(
            "sort_unknown", f"The list cannot be sorted by {name}.", fields={"order": "unknown"}, params={"field": name}
        )
    return order


def _in_order(kind: str, rows: QuerySet[Any], page: PageParams, order: str) -> PageResult:
    name = order.removeprefix("-")
    if name.startswith("custom."):
        return _in_custom_order(kind, rows, page, order)
    direction = "-" if order.startswith("-") else ""
    if not rows.model._meta.get_field(name).null:
        return paginate(rows, page, order=(order, f"{direction}id"))
    return _empty_last(
        page,
        (order, f"{direction}id"),
        lambda part: paginate(rows.filter(**{f"{name}__isnull": False}), part, order=(order, f"{direction}id")),
        rows.filter(**{f"{name}__isnull": True}),
    )


def _empty_last(page: PageParams, order: tuple[str, str], filled: Any, empty: QuerySet[Any]) -> PageResult:
    """Return a page of what has a value, then of what has none; the cursor says in which of both it stands."""
    tail = ("-id",)
    if page.cursor and not _is_of(page.cursor, order):
        return paginate(empty, page, order=tail)
    first: PageResult = filled(page)
    room = page.limit - len(first["items"])
    if first["next"] is not None:
        return first
    if room == 0:
        start = cursor_at(tail, [BEYOND_EVERY_ID])
        return {"items": first["items"], "next": start if empty.exists() else None}
    rest = paginate(empty, PageParams(limit=room, cursor=None), order=tail)
    return {"items": [*first["items"], *rest["items"]], "next": rest["next"]}


def _is_of(cursor: str, order: tuple[str, ...]) -> bool:
    try:
        position_of(cursor, order)
    except Invalid:
        return False
    return True


def _in_custom_order(kind: str, rows: QuerySet[Any], page: PageParams, order: str) -> PageResult:
    name, descending = order.removeprefix("-"), order.startswith("-")
    marks = (order, "id")

    def filled(part: PageParams) -> PageResult:
        after = None
        if part.cursor:
            value, record_id = position_of(part.cursor, marks)
            after = (value, record_id)
        found = list(in_order(rows, kind, name, descending=descending, after=after)[: part.limit + 1])
        shown = found[: part.limit]
        last = cursor_at(marks, [shown[-1].sort_value, shown[-1].pk]) if len(found) > part.limit else None
        return {"items": shown, "next": last}

    return _empty_last(page, marks, filled, rows.exclude(custom__has_key=name.removeprefix("custom.")))


def count_of(actor: Actor, kind: str, filters: Mapping[str, Any]) -> Count:
    """Count the rows of a kind's list up to ten thousand; what takes too long is not counted at all."""
    rows = list_rows(actor, kind, filters).order_by().values("pk")[: COUNTED + 1]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(COUNT_TIMEOUT_MS)])
            number = rows.count()
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
    except OperationalError:
        return Count(None, exact=False)
    return Count(min(number, COUNTED), exact=number <= COUNTED)
