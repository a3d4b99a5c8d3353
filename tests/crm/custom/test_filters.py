"""Conditions and orders over custom fields, against the same asked of Python; each goes through an index."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.customers.models import Customer
from crm.customers.selectors import visible_customers
from crm.customers.services import update_customer
from guanxi.access import Actor
from guanxi.common.errors import Invalid
from guanxi.customfields.filters import filter_custom, in_order
from guanxi.customfields.models import CustomField
from tests.crm.custom.makers import customer, field

ROWS: list[dict[str, Any]] = [
    {"n": 5, "tea": ["o1"], "since": "2026-01-05", "note": "Spring", "ok": True, "at": "2026-01-05T10:00:00+08:00"},
    {"n": 10, "tea": ["o1", "o2"], "since": "2026-02-01", "note": "spring water", "ok": False},
    {"n": 10.5, "tea": ["o2"], "since": "2025-12-31", "note": "Autumn"},
    {"tea": ["o3"], "at": "2026-01-06T00:00:00+08:00"},
    {"n": -3},
]


@pytest.fixture
def rows(rep: Actor) -> list[Customer]:
    options = [{"label": name} for name in ("绿茶", "红茶", "普洱")]
    for type_, key in (("number", "n"), ("choices", "tea"), ("date", "since"), ("text", "note"), ("boolean", "ok"),
                       ("datetime", "at")):  # fmt: skip
        field(type_, key, filterable=True, options=options if type_ == "choices" else [])
    field("text", "hidden")
    return [customer(rep, f"C{number}", **values) for number, values in enumerate(ROWS)]


def found(rep: Actor, *conditions: tuple[str, str, Any]) -> list[str]:
    asked = [{"field": f"custom.{name}", "op": op, "value": value} for name, op, value in conditions]
    rows = filter_custom(visible_customers(rep), "customer", asked)
    return [row.name for row in rows.order_by("name")]


@pytest.mark.parametrize(
    ("conditions", "names"),
    [
        ([("n", "eq", "10")], "1"),
        ([("n", "ne", 10)], "0234"),
        ([("n", "in", [5, 10.5])], "02"),
        ([("n", "gt", 5)], "12"),
        ([("n", "gte", 5), ("n", "lt", 10.5)], "01"),
        ([("n", "between", [-5, 5])], "04"),
        ([("n", "between", [None, 5])], "04"),
        ([("n", "empty", None)], "3"),
        ([("n", "not_empty", None)], "0124"),
        ([("tea", "eq", "o1")], "01"),
        ([("tea", "contains", ["o2", "o3"])], "123"),
        ([("tea", "in", ["o1"]), ("n", "lte", 5)], "0"),
        ([("since", "gte", "2026-01-01")], "01"),
        ([("since", "between", ["2025-12-31", "2026-01-05"])], "02"),
        ([("note", "contains", "SPRING")], "01"),
        ([("note", "eq", "Autumn")], "2"),
        ([("ok", "eq", "false")], "1"),
        ([("ok", "eq", True)], "0"),
        ([("at", "lte", "2026-01-05")], "0"),
        ([("at", "gt", "2026-01-05")], "3"),
    ],
)
def test_conditions(rep: Actor, rows: list[Customer], conditions: list[tuple[str, str, Any]], names: str) -> None:
    assert found(rep, *conditions) == [f"C{number}" for number in names]


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (("hidden", "eq", "x"), "filter_unknown"), (("nowhere", "eq", "x"), "filter_unknown"),
        (("n", "like", 5), "filter_operator"), (("n", "gt", "many"), "filter_value"),
        (("note", "gt", "a"), "filter_value"), (("n", "contains", "5"), "filter_value"),
        (("n", "eq", None), "filter_value"), (("n", "between", 5), "filter_value"),
        (("since", "gte", "soon"), "filter_value"),
    ],
)  # fmt: skip
def test_refusals(rep: Actor, rows: list[Customer], condition: tuple[str, str, Any], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        found(rep, condition)
    assert caught.value.code == code


def test_not_while_it_is_being_indexed(rep: Actor, rows: list[Customer]) -> None:
    CustomField.objects.filter(key="n").update(indexed_at=None)
    with pytest.raises(Invalid) as caught:
        found(rep, ("n", "eq", 5))
    assert caught.value.code == "filter_not_ready"


def test_index_follows_changes(rep: Actor, rows: list[Customer]) -> None:
    update_customer(actor=rep, customer_id=rows[0].pk, changes={"custom": {"n": 100, "tea": None}})
    assert found(rep, ("n", "gte", 100)) == ["C0"]
    assert found(rep, ("tea", "not_empty", None)) == ["C1", "C2", "C3"]


def test_order_walks_the_index(rep: Actor, rows: list[Customer]) -> None:
    whole = list(in_order(visible_customers(rep), "customer", "custom.n"))
    assert [row.name for row in whole] == ["C4", "C0", "C1", "C2"]
    pages: list[str] = []
    after = None
    while page := list(in_order(visible_customers(rep), "customer", "custom.n", descending=True, after=after)[:2]):
        pages += [row.name for row in page]
        after = (page[-1].sort_value, page[-1].pk)  # type: ignore[attr-defined]
    assert pages == ["C2", "C1", "C0", "C4"]
    with pytest.raises(Invalid):
        in_order(visible_customers(rep), "customer", "custom.tea")


def test_each_write_is_cheap(rep: Actor, rows: list[Customer]) -> None:
    with CaptureQueriesContext(connection) as queries:
        update_customer(actor=rep, customer_id=rows[0].pk, changes={"custom": {"n": 7}})
    ours = [query["sql"] for query in queries if "customfields_" in query["sql"]]
    # The fields (for modes, before and after), the rows that are there, what goes and what comes.
    assert len(ours) == 6, "\n".join(q[:150] for q in ours)
