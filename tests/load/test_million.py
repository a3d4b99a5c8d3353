"""Lists of a million customers with four clients at once: pages, filters, counts and searches beside the bare SQL.

One client reads everything, the other a department that has five in a hundred.
"""

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from django.conf import settings
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from guanxi.tenancy import tenant_scope
from tests import databases
from tests.conftest import SignedIn
from tests.load.million import ensure_million
from tests.load.report import percentile, show, timed
from tests.world import tenant

pytestmark = [pytest.mark.load]

CLIENTS = 4
ROUNDS = 8
LIMIT_MS = 300.0
FILTER = quote(
    orjson.dumps(
        [
            {"field": "level", "op": "in", "value": ["A", "B"]},
            {"field": "city", "op": "eq", "value": "杭州"},
            {"field": "tags", "op": "in", "value": ["标签7"]},
        ]
    ).decode()
)
RECENT = quote(orjson.dumps([{"field": "created_at", "op": "within", "value": "last_30_days"}]).decode())
# What is asked, and the condition of the bare SQL that finds the same.
CASES = {
    "first page": ("", ""),
    "level, city and tag": (f"&filter={FILTER}", "AND level IN ('A', 'B') AND city = '杭州' AND tags @> '[\"标签7\"]'"),
    "new in 30 days": (f"&filter={RECENT}", "AND created_at > now() - interval '30 days'"),
    "by name": ("&order=name", ""),
    "by next action": ("&order=next_action_at", ""),
    "part of a name, rare": ("&q=盛世茶", "AND search_keys @> ARRAY['盛世', '世茶']"),
    "part of a name, frequent": ("&q=有限公司", "AND search_keys @> ARRAY['有限', '限公', '公司']"),
    "tail of a phone": ("&q=7919", "AND search_keys @> ARRAY['p:7919']"),
    "whole pinyin": ("&q=shengshi", "AND search_keys @> ARRAY['s:sheng.shi']"),
    "initials": ("&q=hzssch", "AND search_keys @> ARRAY['y:hz', 'y:zs', 'y:ss', 'y:sc', 'y:ch']"),
    "nothing found": ("&q=龘靐", "AND search_keys @> ARRAY['龘靐']"),
}


@pytest.fixture
def million(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, template_database: str, database_name: str
) -> Iterator[None]:
    """Stand in the database of the million; it is only read."""
    with django_db_blocker.unblock():
        before = str(settings.DATABASES["default"]["NAME"])
        databases.use(ensure_million(template_database))
        try:
            yield
        finally:
            connections.close_all()
            databases.use(before)


def _bare(where: str) -> list[float]:
    with tenant_scope(tenant("alpha")):

        def ask() -> Any:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT * FROM customers_customer WHERE archived_at IS NULL {where}"
                    " ORDER BY updated_at DESC, id DESC LIMIT 51"
                )
                return cursor.fetchall()

        return timed(ask, 5, warm=1)


def _together(clients: list[SignedIn], path: str) -> list[float]:
    """Return how long each request took while all clients ask at once."""
    taken: list[float] = []

    def work(client: SignedIn) -> None:
        def ask() -> None:
            answer = client.get(path)
            assert answer.status_code == 200, answer.content

        taken.extend(timed(ask, ROUNDS, warm=1))
        connections.close_all()

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


@pytest.mark.parametrize("role", ["owner", "manager"])
def test_lists_of_a_million_customers(million: None, role: str) -> None:
    clients = [SignedIn("alpha", role) for _ in range(CLIENTS)]
    slow = {}
    paths = {name: f"/api/v1/customers?limit=50{query}" for name, (query, _) in CASES.items()}
    cursor = None
    for _ in range(25):
        cursor = clients[0].get(f"{paths['first page']}&cursor={cursor or ''}").json()["next"]
    paths["page 26"] = f"{paths['first page']}&cursor={cursor}"
    paths["count of all"] = "/api/v1/customers/count"
    paths["count by filter"] = f"/api/v1/customers/count?filter={FILTER}"
    for name, path in paths.items():
        values = _together(clients, path)
        show(f"{role}: {name}", values, _bare(CASES.get(name, ("", ""))[1]), "bare SQL")
        if percentile(values, 0.95) > LIMIT_MS:
            slow[name] = round(percentile(values, 0.95))
    assert not slow, slow
