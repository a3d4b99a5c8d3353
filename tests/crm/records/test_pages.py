"""Keyset pages: while others write, no row that stays is lost and none comes twice."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.customers.models import Customer
from crm.customers.services import create_customer
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Invalid
from guanxi.http.pages import PageParams, paginate

ORDERS = [("-created_at", "-id"), ("-updated_at", "-id"), ("name", "id"), ("-name", "-id"), ("-id",)]
# Few different names and times, so that the last key of the order has to decide.
ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=30)


def _rows(rows: list[tuple[str, int]]) -> list[int]:
    start = clock.now() - timedelta(days=30)
    made = Customer.objects.bulk_create(
        [
            Customer(name=name, created_at=start + timedelta(days=day), updated_at=start + timedelta(days=day))
            for name, day in rows
        ]
    )
    return [customer.pk for customer in made]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, new=ROWS, order=st.sampled_from(ORDERS), limit=st.integers(1, 7), after=st.integers(0, 4))
def test_no_row_is_lost_or_doubled(
    rep: Actor, rows: list[tuple[str, int]], new: list[tuple[str, int]], order: Any, limit: int, after: int
) -> None:
    Customer.objects.all().delete()
    first = _rows(rows)
    seen: list[int] = []
    cursor, number = None, 0
    while True:
        page = paginate(Customer.objects.all(), PageParams(limit=limit, cursor=cursor), order=order)
        seen += [customer.pk for customer in page["items"]]
        assert len(page["items"]) <= limit
        cursor, number = page["next"], number + 1
        if number == after + 1:
            _rows(new)
        if cursor is None:
            break
        assert len(page["items"]) == limit
    assert len(seen) == len(set(seen)), "none twice"
    assert set(first) <= set(seen), "none lost"
    kept = [pk for pk in seen if pk in set(first)]
    assert kept == list(Customer.objects.filter(pk__in=first).order_by(*order).values_list("pk", flat=True))


@pytest.mark.parametrize("cursor", ["x", "e30", "W10", "bnVsbA", "W1siLWlkIl0sW251bGxdXQ", "W1siLWlkIl0sW3t9XV0", "💥"])
def test_a_cursor_that_is_not_ours(rep: Actor, cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        paginate(Customer.objects.all(), PageParams(limit=2, cursor=cursor), order=("-id",))
    assert refused.value.code == "invalid_cursor"


def test_a_cursor_of_another_order(rep: Actor, browser_of: Any) -> None:
    for number in range(3):
        create_customer(actor=rep, values={"name": f"c{number}"})
    client = browser_of("alpha", "rep")
    cursor = client.get("/api/v1/customers", {"limit": 1}).json()["next"]
    assert client.get("/api/v1/customers", {"limit": 1, "cursor": cursor}).status_code == 200
    other = client.get("/api/v1/customers", {"limit": 1, "cursor": cursor, "order": "-created_at"})
    assert (other.status_code, other.json()["code"]) == (422, "invalid_cursor")
    for limit in (0, 101, "x"):
        assert client.get("/api/v1/customers", {"limit": limit}).status_code == 422
