"""200,000 customers with three fields of their own: equality, ranges and order, each beside the bare SQL."""

from typing import Any

import pytest
from django.db import connection

from crm.customers.models import Customer
from crm.customers.selectors import find_customers
from guanxi.access import Actor
from guanxi.customfields.filters import filter_custom, in_order
from guanxi.customfields.models import CustomField
from guanxi.tenancy import TenantRef
from tests.crm.custom.makers import field
from tests.load.report import show, timed
from tests.people import Team

pytestmark = [pytest.mark.load, pytest.mark.committed]

ROWS = 200_000
FILL = """
INSERT INTO customers_customer (created_at, updated_at, owner_department_path, source, tags, custom, version, name,
  kind, level, industry, province, city, address, website, phone, email, description, search_keys, owner_id)
SELECT now() - n * interval '1 minute', now() - n * interval '1 minute', '/1/', 'import', '[]',
  jsonb_build_object('volume', n %% 10000, 'tea', jsonb_build_array('o' || (1 + n %% 20)),
                     'since', to_char(date '2020-01-01' + (n %% 2000), 'YYYY-MM-DD')),
  1, 'Customer ' || n, 'company', '', '', '', '', '', '', '', '', '', '{{}}', %s
FROM generate_series(1, {rows}) n
"""
VALUES = """
INSERT INTO customfields_customvalue (field_id, record_id, {column})
SELECT %s, id, {value} FROM customers_customer
"""


def fill(owner_id: int, fields: dict[str, CustomField]) -> None:
    """Write the rows, and their values where the hook would have written them."""
    with connection.cursor() as cursor:
        cursor.execute(FILL.format(rows=ROWS), [owner_id])
        for key, column, value in (
            ("volume", "number", "(custom->>'volume')::numeric"),
            ("tea", "text", "custom->'tea'->>0"),
            ("since", "moment", "(custom->>'since')::timestamptz"),
        ):
            cursor.execute(VALUES.format(column=column, value=value), [fields[key].pk])
        for table in ("customers_customer", "customfields_customvalue"):
            cursor.execute(f"VACUUM ANALYZE {table}")


def test_200_000_customers_by_their_own_fields(alpha: TenantRef, team: Team) -> None:
    owner: Actor = team["owner"]
    assert owner.member_id is not None
    options = [{"label": f"Tea {number}"} for number in range(1, 21)]
    fields = {
        "volume": field("number", "volume", filterable=True),
        "tea": field("choices", "tea", options=options, filterable=True),
        "since": field("date", "since", filterable=True),
    }
    fill(owner.member_id, fields)

    def ours(*conditions: tuple[str, str, Any]) -> list[Customer]:
        asked = [{"field": f"custom.{name}", "op": op, "value": value} for name, op, value in conditions]
        return list(filter_custom(find_customers(owner, {}), "customer", asked).order_by("-updated_at", "-id")[:51])

    def bare(where: str, order: str = "updated_at DESC, id DESC") -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT * FROM customers_customer WHERE archived_at IS NULL AND {where} ORDER BY {order} LIMIT 51"
            )
            return list(cursor.fetchall())

    cases: list[tuple[str, tuple[tuple[str, str, Any], ...], str]] = [
        ("one of 20 choices", (("tea", "eq", "o7"),), """custom @> '{"tea": ["o7"]}'"""),
        ("a rare number", (("volume", "eq", 1234),), """custom @> '{"volume": 1234}'"""),
        ("a narrow range", (("volume", "between", [100, 110]),), "(custom->>'volume')::int BETWEEN 100 AND 110"),
        ("a wide range", (("volume", "gte", 5000),), "(custom->>'volume')::int >= 5000"),
        ("dates of a year", (("since", "between", ["2021-01-01", "2021-12-31"]),),
         "custom->>'since' BETWEEN '2021-01-01' AND '2021-12-31'"),
        ("a choice and a range", (("tea", "eq", "o7"), ("volume", "lt", 300)),
         """custom @> '{"tea": ["o7"]}' AND (custom->>'volume')::int < 300"""),
    ]  # fmt: skip
    for name, conditions, where in cases:
        assert len(ours(*conditions)) == len(bare(where))
        mine = timed(lambda asked=conditions: ours(*asked), 20)  # type: ignore[misc]
        show(f"own fields, {name}", mine, timed(lambda text=where: bare(text), 20), "JSONB")  # type: ignore[misc]
    first = list(in_order(find_customers(owner, {}), "customer", "custom.volume", descending=True)[:51])
    assert len(first) == 51
    deep = (5000, first[0].pk)
    for name, after in (("first page", None), ("deep page", deep)):
        show(
            f"own fields, sorted, {name}",
            timed(lambda a=after: list(in_order(  # type: ignore[misc]
                find_customers(owner, {}), "customer", "custom.volume", descending=True, after=a)[:51]), 20),
            timed(lambda: bare("true", "(custom->>'volume')::int DESC, id DESC"), 3),
            "JSONB",
        )  # fmt: skip
