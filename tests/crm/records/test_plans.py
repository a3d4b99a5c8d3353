"""How the database goes about lists of twenty thousand customers: by an index, never by reading the table."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.records.lists import count_of, list_page
from guanxi.access import Actor
from guanxi.http.pages import PageParams
from tests.people import Team

ROWS = 20_000
FILL = """
INSERT INTO customers_customer (created_at, updated_at, owner_id, owner_department_path, source, tags, custom, version,
  name, kind, level, industry, province, city, address, website, phone, email, description, search_keys, next_action_at)
SELECT now() - n * interval '1 minute', now() - n * interval '1 minute',
  CASE WHEN n %% 20 = 0 THEN %s ELSE %s END, CASE WHEN n %% 20 = 0 THEN %s ELSE '/' END,
  'import', jsonb_build_array('t' || n %% 40), '{{}}', 1, 'c' || n, 'company', (ARRAY['A','B','C'])[1 + n %% 3], '', '',
  'city' || n %% 300, '', '', '', '', '', ARRAY['c' || n, 'k' || n %% 500, 'p:' || lpad((n %% 10000)::text, 4, '0')],
  CASE WHEN n %% 10 = 0 THEN now() + n * interval '1 minute' END
FROM generate_series(1, {rows}) n
"""


def _filter(*conditions: dict[str, Any]) -> dict[str, str]:
    return {"filter": json.dumps(conditions)}


CITY = {"field": "city", "op": "eq", "value": "city7"}
LEVEL = {"field": "level", "op": "in", "value": ["A", "B"]}
TAG = {"field": "tags", "op": "in", "value": ["t7"]}
# What is asked, and the index that must be used for it.
ASKED: dict[str, tuple[dict[str, Any], str]] = {
    "first page": ({}, "customer_recent"),
    "by name": ({"order": "name"}, "customer_name"),
    "by next action": ({"order": "next_action_at"}, "customer_next"),
    "by creation": ({"order": "-created_at"}, "customer_created"),
    "city, level, tag": (_filter(CITY, LEVEL, TAG), "customer_(city|tags)"),
    "tag": (_filter(TAG), "customer_tags"),
    "tail of a phone": ({"q": "4321"}, "customer_search"),
    "rare word": ({"q": "k7"}, "customer_search"),
}


@pytest.fixture
def many(team: Team) -> Team:
    """Fill the table; five in a hundred are of the manager's department."""
    rep, owner = team["rep"], team["owner"]
    with connection.cursor() as cursor:
        cursor.execute(FILL.format(rows=ROWS), [rep.member_id, owner.member_id, rep.department_path])
        cursor.execute("ANALYZE customers_customer")
    return team


def _plans(actor: Actor, filters: dict[str, Any]) -> str:
    with CaptureQueriesContext(connection) as asked:
        list_page(actor, "customer", filters, PageParams(limit=50, cursor=None))
    of_customers = [query["sql"] for query in asked if 'FROM "customers_customer"' in query["sql"]]
    with connection.cursor() as cursor:
        plans = []
        for sql in of_customers:
            cursor.execute(f"EXPLAIN {sql}")
            plans += [str(line) for (line,) in cursor.fetchall()]
    return "\n".join(plans)


@pytest.mark.parametrize("asked", list(ASKED))
@pytest.mark.parametrize("role", ["owner", "manager"])
def test_a_page_is_found_by_an_index(many: Team, role: str, asked: str) -> None:
    filters, index = ASKED[asked]
    plan = _plans(many[role], filters)
    assert "Seq Scan on customers_customer" not in plan, plan
    if role == "owner":
        assert re.search(index, plan), plan


def test_a_page_and_a_count_stay_within_their_queries(many: Team) -> None:
    with CaptureQueriesContext(connection) as asked:
        list_page(many["owner"], "customer", {}, PageParams(limit=50, cursor=None))
    assert len([query for query in asked if "customers_customer" in query["sql"]]) == 1
    with CaptureQueriesContext(connection) as asked:
        list_page(many["owner"], "customer", _filter(CITY), PageParams(limit=50, cursor=None))
    assert len([query for query in asked if "customers_customer" in query["sql"]]) == 3
    counted = count_of(many["owner"], "customer", {})
    assert (counted.count, counted.exact) == (10_000, False)
