"""Conditions of lists: the answer is what plain Python would choose, refusals say what and why, orders end with what is
empty.
"""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.customers.models import Customer
from crm.customers.services import create_customer
from crm.deals.models import Deal
from crm.deals.services import create_deal
from crm.records.lists import count_of, list_page, list_rows
from crm.records.lists.spans import span_of
from guanxi.access import Actor, FieldMode
from guanxi.common import clock
from guanxi.common.errors import Invalid
from guanxi.http.pages import PageParams
from tests.conftest import SignedIn
from tests.people import Team

NOON = datetime(2026, 5, 13, 4, tzinfo=UTC)
CITIES = ["", "杭州", "上海", "苏州"]
LEVELS = ["", "A", "B"]
TAGS = ["重点", "礼品", "茶"]
DAYS = [None, -400, -31, -30, -8, -1, 0, 1, 6, 7, 40]


def _moment(days: int | None) -> datetime | None:
    return None if days is None else NOON + timedelta(days=days)


def _day(row: Customer) -> date | None:
    # The actors of these tests live in Shanghai.
    return (row.next_action_at + timedelta(hours=8)).date() if row.next_action_at else None


@pytest.fixture
def customers(rep: Actor) -> list[Customer]:
    """Customers of every sort."""
    with clock.at(NOON):
        return [
            create_customer(
                actor=rep,
                values={
                    "name": f"客户{number}号{CITIES[number % 4]}",
                    "city": CITIES[number % 4],
                    "level": LEVELS[number % 3],
                    "tags": TAGS[: number % 4],
                    "phone": f"1380013{8000 + number}" if number % 5 else "",
                    "next_action_at": _moment(DAYS[number % len(DAYS)]),
                },
            )
            for number in range(44)
        ]


TODAY = date(2026, 5, 13)
ORACLE: dict[str, Any] = {
    "city": lambda row: row.city,
    "level": lambda row: row.level,
    "tags": lambda row: row.tags,
    "next_action_at": _day,
    "name": lambda row: row.name,
    "phone": lambda row: row.phone,
}


def _holds(row: Customer, one: dict[str, Any]) -> bool:
    have: Any = ORACLE[one["field"]](row)
    op, value = one["op"], cast(Any, one.get("value"))
    if op == "empty":
        return have in ("", None, [])
    if op == "not_empty":
        return have not in ("", None, [])
    if one["field"] == "tags":
        met = set(have) & set(value)
        return bool(met) if op == "in" else len(met) == len(set(value)) if op == "all" else not met
    if one["field"] == "next_action_at":
        return _holds_on(have, op, value)
    if op in {"eq", "ne"}:
        return bool((have == value) is (op == "eq"))
    if op in {"in", "not_in"}:
        return bool((have in value) is (op == "in"))
    if op == "contains":
        return value.casefold() in have.casefold()
    return bool(have) and (have.startswith(value) if op == "starts" else have.endswith(value))


def _holds_on(have: date | None, op: str, value: Any) -> bool:
    if op == "ne":
        return have != date.fromisoformat(value)
    if have is None:
        return False
    if op == "within":
        span = span_of(value, TODAY)
        assert span is not None
        return span[0] <= have < span[1]
    if op == "between":
        return date.fromisoformat(value[0]) <= have <= date.fromisoformat(value[1])
    day = date.fromisoformat(value)
    return {"eq": have == day, "gt": have > day, "gte": have >= day, "lt": have < day, "lte": have <= day}[op]


def _one(field: str, ops: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"field": st.just(field), "op": st.sampled_from(ops), "value": values})


SPANS = ["today", "yesterday", "this_week", "last_week", "this_month", "last_30_days", "next_7_days", "this_year"]
ISO_DAYS = st.integers(-60, 60).map(lambda days: (TODAY + timedelta(days=days)).isoformat())
CONDITION = st.one_of(
    _one("city", ["eq", "ne"], st.sampled_from(CITIES[1:])),
    _one("city", ["in", "not_in"], st.lists(st.sampled_from(CITIES[1:]), min_size=1, max_size=3)),
    _one("level", ["in", "not_in"], st.lists(st.sampled_from(LEVELS[1:]), min_size=1, max_size=2)),
    _one("tags", ["in", "all", "not_in"], st.lists(st.sampled_from(TAGS), min_size=1, max_size=2)),
    _one("name", ["contains", "starts"], st.sampled_from(["客户1", "号", "杭州", "2号杭", "户3"])),
    _one("phone", ["ends"], st.sampled_from(["8001", "38002", "13800138003"])),
    _one("next_action_at", ["within"], st.sampled_from(SPANS)),
    _one("next_action_at", ["eq", "ne", "gt", "gte", "lt", "lte"], ISO_DAYS),
    _one("next_action_at", ["between"], st.tuples(ISO_DAYS, ISO_DAYS).map(sorted)),
    st.sampled_from(list(ORACLE)).flatmap(lambda field: _one(field, ["empty", "not_empty"], st.none())),
)
FILTER = st.lists(st.one_of(CONDITION, st.lists(CONDITION, min_size=1, max_size=3).map(lambda some: {"any": some})))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=FILTER.filter(lambda groups: len(groups) <= 4))
def test_a_filter_finds_what_plain_python_would(rep: Actor, customers: list[Customer], asked: list[Any]) -> None:
    with clock.at(NOON):
        found = set(list_rows(rep, "customer", {"filter": json.dumps(asked)}).values_list("pk", flat=True))
    groups = [group.get("any", [group]) for group in asked]
    expected = {row.pk for row in customers if all(any(_holds(row, one) for one in group) for group in groups)}
    assert found == expected


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"field": "nothing", "op": "eq", "value": 1}, "filter_unknown"),
        ({"field": "search_keys", "op": "eq", "value": 1}, "filter_unknown"),
        ({"field": "description", "op": "eq", "value": "x"}, "filter_not_filterable"),
        ({"field": "city", "op": "gt", "value": "x"}, "filter_operator"),
        ({"field": "level", "op": "eq", "value": "Z"}, "filter_value"),
        ({"field": "level", "op": "in", "value": []}, "filter_value"),
        ({"field": "created_at", "op": "eq", "value": "never"}, "filter_value"),
        ({"field": "created_at", "op": "within", "value": "sometime"}, "filter_value"),
        ({"field": "created_at", "op": "between", "value": ["2026-01-01"]}, "filter_value"),
        ({"field": "owner_id", "op": "eq", "value": "you"}, "filter_value"),
        ({"field": "phone", "op": "ends", "value": "12"}, "filter_value"),
        ({"field": "city", "op": "eq", "value": "a\u0000b"}, "filter_value"),
        ("city", "filter_shape"),
        ({"any": []}, "filter_shape"),
        ({"any": [{"any": []}]}, "filter_shape"),
    ],
)
def test_refusals_say_why(rep: Actor, condition: Any, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        list_rows(rep, "customer", {"filter": json.dumps([condition])})
    assert refusal.value.code == code


@pytest.mark.parametrize("text", ["{", "{}", "1", '"x"'])
def test_what_is_no_filter_is_refused(rep: Actor, text: str) -> None:
    with pytest.raises(Invalid):
        list_rows(rep, "customer", {"filter": text})


def _seeing(actor: Actor, mode: FieldMode) -> Actor:
    from dataclasses import replace

    return replace(actor, field_modes={"customer": {"phone": mode, "next_action_at": mode}})


def test_a_hidden_field_is_unknown_and_a_masked_one_only_empty_or_not(rep: Actor) -> None:
    by_phone = {"field": "phone", "op": "ends", "value": "8000"}
    for mode, code in ((FieldMode.HIDDEN, "filter_unknown"), (FieldMode.MASKED, "filter_masked")):
        with pytest.raises(Invalid) as refusal:
            list_rows(_seeing(rep, mode), "customer", {"filter": json.dumps([by_phone])})
        assert refusal.value.code == code
        with pytest.raises(Invalid):
            list_page(_seeing(rep, mode), "customer", {"order": "next_action_at"}, PageParams(limit=5, cursor=None))
    there = json.dumps([{"field": "phone", "op": "not_empty"}])
    assert not list_rows(_seeing(rep, FieldMode.MASKED), "customer", {"filter": there}).exists()


@pytest.mark.parametrize("order", ["next_action_at", "-next_action_at", "name", "-name", "created_at", "-updated_at"])
@pytest.mark.parametrize("narrow", ["", json.dumps([{"field": "city", "op": "ne", "value": "杭州"}])])
def test_pages_in_any_order_are_the_whole_list_once(
    rep: Actor, customers: list[Customer], order: str, narrow: str
) -> None:
    shown: list[Any] = []
    cursor = None
    for _ in range(20):
        page = list_page(rep, "customer", {"order": order, "filter": narrow}, PageParams(limit=4, cursor=cursor))
        shown += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    name = order.removeprefix("-")
    assert sorted(row.pk for row in shown) == sorted(row.pk for row in customers if not narrow or row.city != "杭州")
    values = [getattr(row, name) for row in shown]
    filled = [value for value in values if value is not None]
    assert values == [*filled, *[None] * (len(values) - len(filled))], "what is empty comes last"
    if name != "name":
        assert filled == sorted(filled, reverse=order.startswith("-"))


def test_my_own_and_my_departments(team: Team) -> None:
    mine = create_customer(actor=team["rep"], values={"name": "甲"})
    theirs = create_customer(actor=team["rep2"], values={"name": "乙"})
    owner = team["owner"]

    def found(actor: Actor, **condition: Any) -> set[int]:
        rows = list_rows(actor, "customer", {"filter": json.dumps([{"field": "owner_id", **condition}])})
        return set(rows.values_list("pk", flat=True))

    assert found(team["rep"], op="eq", value="me") == {mine.pk}
    assert found(owner, op="in", value=["me", team["rep"].member_id]) == {mine.pk}
    assert found(owner, op="in_department", value=int(team["rep2"].department_path.strip("/").split("/")[-1])) == {
        theirs.pk
    }
    assert found(team["manager"], op="in_department", value="mine") == {mine.pk, theirs.pk}


def test_amounts_and_days_of_deals(rep: Actor) -> None:
    small = create_deal(actor=rep, values={"name": "小单", "amount": Decimal("99.5"), "expected_close_on": TODAY})
    large = create_deal(actor=rep, values={"name": "大单", "amount": Decimal(100_000)})

    def found(**condition: Any) -> list[Deal]:
        with clock.at(NOON):
            return list(list_rows(rep, "deal", {"filter": json.dumps([condition])}).order_by("pk"))

    assert found(field="amount", op="gte", value="99.50") == [small, large]
    assert found(field="amount", op="between", value=[0, 100]) == [small]
    assert found(field="expected_close_on", op="within", value="this_week") == [small]
    assert found(field="expected_close_on", op="empty") == [large]
    assert found(field="stage_id", op="in", value=[large.stage_id]) == [small, large]


def test_counts_are_exact_up_to_ten_thousand_and_honest_beyond(rep: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        create_customer(actor=rep, values={"name": f"客户{number}"})
    assert count_of(rep, "customer", {}).count == 5
    assert count_of(rep, "customer", {}).exact
    monkeypatch.setattr("crm.records.lists.paging.COUNTED", 4)
    assert (count_of(rep, "customer", {}).count, count_of(rep, "customer", {}).exact) == (4, False)


def test_filter_order_and_count_over_the_api(rep: Actor, customers: list[Customer], browser_of: type[SignedIn]) -> None:
    client = browser_of("alpha", "rep")
    asked = {"filter": json.dumps([{"field": "city", "op": "eq", "value": "杭州"}]), "order": "-next_action_at"}
    rows = client.get("/api/v1/customers", asked).json()["items"]
    assert len(rows) == 11
    assert {row["city"] for row in rows} == {"杭州"}
    assert client.get("/api/v1/customers/count", asked).json() == {"count": 11, "exact": True}
    wrong = client.get("/api/v1/customers", {"filter": json.dumps([{"field": "city", "op": "bigger", "value": 1}])})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "filter_operator")
    assert wrong.json()["params"]["field"] == "city"
    for kind in ("leads", "contacts", "deals"):
        assert client.get(f"/api/v1/{kind}/count").json()["exact"] is True
        assert client.get(f"/api/v1/{kind}", {"order": "nothing"}).status_code == 422


def test_spans_of_a_year() -> None:
    assert span_of("this_week", date(2026, 1, 1)) == (date(2025, 12, 29), date(2026, 1, 5))
    assert span_of("last_month", date(2026, 1, 31)) == (date(2025, 12, 1), date(2026, 1, 1))
    assert span_of("next_quarter", date(2026, 11, 30)) == (date(2027, 1, 1), date(2027, 4, 1))
    assert span_of("last_1_days", TODAY) == span_of("today", TODAY)
    assert span_of("next_7_days", TODAY) == (TODAY, TODAY + timedelta(days=7))
    assert span_of("someday", TODAY) is None
