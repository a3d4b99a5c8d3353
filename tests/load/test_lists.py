"""The list of 100,000 customers: first page, deep page, search by part of a name, each beside the bare SQL."""

from typing import Any

import pytest
from django.db import connection

from crm.records.search import search_keys
from guanxi.tenancy import TenantRef
from tests.conftest import SignedIn
from tests.load.report import show, timed

pytestmark = [pytest.mark.load, pytest.mark.committed]

ROWS = 100_000
FILL = """
INSERT INTO customers_customer (created_at, updated_at, owner_department_path, source, tags, custom, version, name,
  kind, level, industry, province, city, address, website, phone, email, description, search_keys, owner_id)
SELECT now() - n * interval '1 minute', now() - n * interval '1 minute', '/1/', 'import', '[]', '{{}}', 1,
  names[1 + n %% array_length(names, 1)] || n, 'company', '', '', '', '', '', '',
  '139' || lpad(n::text, 8, '0'), '', '',
  (keys[1 + n %% array_length(names, 1)])::text[]
    || ARRAY[lpad(n::text, 6, '0'), 'p:' || lpad((n %% 10000)::text, 4, '0')], %s
FROM generate_series(1, {rows}) n, (SELECT %s::text[] AS names, %s::text[] AS keys) x
"""
NAMES = ["杭州西湖茶业有限公司", "上海云汇科技有限公司", "苏州锦程酒店", "宁波瑞丰商贸", "南京天成礼品", "武汉星河置业"]


def test_list_of_100_000_customers(alpha: TenantRef, browser_of: type[SignedIn]) -> None:
    client = browser_of("alpha", "owner")
    owner_id = client.get("/api/v1/session").json()["member"]["id"]
    keys = ["{" + ",".join(f'"{key}"' for key in search_keys(name)) + "}" for name in NAMES]
    with connection.cursor() as cursor:
        cursor.execute(FILL.format(rows=ROWS), [owner_id, NAMES, keys])
        cursor.execute("ANALYZE customers_customer")

    def page(query: str) -> Any:
        answer = client.get(f"/api/v1/customers?limit=50{query}")
        assert answer.status_code == 200, answer.content
        return answer.json()

    def bare(where: str, *values: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT * FROM customers_customer WHERE archived_at IS NULL {where}"
                " ORDER BY updated_at DESC, id DESC LIMIT 51",
                values,
            )
            return cursor.fetchall()

    show("customers, first page", timed(lambda: page(""), 40), timed(lambda: bare(""), 40), "bare SQL")
    cursor = page("")["next"]
    for _ in range(30):
        cursor = page(f"&cursor={cursor}")["next"]
    deep = bare("")[-1]
    assert deep
    show(
        "customers, page 31",
        timed(lambda: page(f"&cursor={cursor}"), 40),
        timed(lambda: bare("AND updated_at < now() - interval '1500 minutes'"), 40),
        "bare SQL",
    )
    wanted = search_keys("西湖茶")
    show(
        "customers, search by part of a name",
        timed(lambda: page("&q=西湖茶"), 30),
        timed(lambda: bare("AND search_keys @> %s::text[]", wanted), 30),
        "bare SQL",
    )
    show(
        "customers, search by the tail of a phone",
        timed(lambda: page("&q=4321"), 30),
        timed(lambda: bare("AND search_keys @> %s::text[]", ["p:4321"]), 30),
        "bare SQL",
    )
