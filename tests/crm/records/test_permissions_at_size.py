"""Over 100,000 customers the first page of a list stays on an index, whatever opens records to the actor."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from crm.customers.models import Customer
from crm.customers.selectors import find_contacts, find_customers
from crm.deals.selectors import find_deals
from crm.records.models import RecordShare
from guanxi.access import Actor, Grant, Scope
from tests.people import Team

NUMBER, SHARED = 100_000, 300
FILL = """
INSERT INTO customers_customer (created_at, updated_at, owner_department_path, source, tags, custom, version, name,
    kind, level, industry, province, city, address, website, phone, email, description, search_keys, owner_id)
SELECT now(), now() - n * interval '1 minute', CASE WHEN n %% 50 = 0 THEN %s ELSE %s END, '', '[]', '{}', 1, 'C' || n,
    'company', '', '', '', '', '', '', '', '', '', '{}', CASE WHEN n %% 50 = 0 THEN %s ELSE %s END::bigint
FROM generate_series(1, %s) n
"""


@pytest.fixture
def many(team: Team) -> list[int]:
    """100,000 customers, two of a hundred in sales; some of the others are shared with the first rep."""
    sales, service = team["rep"].department_path, team["agent"].department_path
    values = [sales, service, team["manager"].member_id, team["agent"].member_id, NUMBER]
    with connection.cursor() as cursor:
        cursor.execute(FILL, values)
    others = Customer.objects.filter(owner_department_path=service).order_by("pk")
    shared = list(others.values_list("pk", flat=True)[: SHARED * 7 : 7])
    subject = f"member:{team['rep'].member_id}"
    rows = [RecordShare(kind="customer", record_id=pk, subject=subject, level="read") for pk in shared]
    RecordShare.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_customer, records_recordshare, deals_deal, customers_contact")
    return shared


def with_scope(actor: Actor, scope: Scope) -> Actor:
    grants = {f"{kind}.read": frozenset({Grant(scope)}) for kind in ("customer", "contact", "deal")}
    return replace(actor, grants=grants)


def walked(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from walked(part)


@pytest.mark.parametrize("scope", [Scope.SELF, Scope.DEPARTMENT, Scope.DEPARTMENT_AND_BELOW, Scope.ALL])
def test_the_first_page_stays_on_an_index(team: Team, many: list[int], scope: Scope) -> None:
    rep = with_scope(team["rep"], scope)
    for name, rows in (
        ("customers", find_customers(rep, {})),
        ("deals", find_deals(rep, {})),
        ("contacts", find_contacts(rep, {})),
    ):
        page = rows.order_by("-updated_at", "-id")[:51]
        plan = json.loads(page.explain(format="json", analyze=True))[0]
        scans = [node for node in walked(plan["Plan"]) if node["Node Type"] == "Seq Scan"]
        read = [node for node in scans if node["Relation Name"] == "customers_customer" and node["Actual Loops"]]
        assert not read, (name, scope, read)
        assert plan["Execution Time"] < 300, (name, scope)


def test_what_is_shared_is_in_the_list(team: Team, many: list[int]) -> None:
    rep = with_scope(team["rep"], Scope.DEPARTMENT_AND_BELOW)
    started = time.perf_counter()
    assert find_customers(rep, {}).count() == NUMBER // 50 + SHARED
    assert time.perf_counter() - started < 5
