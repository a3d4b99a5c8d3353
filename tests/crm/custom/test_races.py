"""Two at once: numbers are given once each, a unique value to one record."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from crm.customers.models import Customer
from guanxi.access import Actor
from guanxi.common.errors import Invalid
from guanxi.customfields.models import CustomUnique
from guanxi.tenancy import TenantRef, tenant_scope
from tests.crm.custom.makers import customer, field
from tests.people import Team

THREADS, EACH = 8, 6


def at_once(ref: TenantRef, work: Callable[[int], Any]) -> list[Any]:
    done: list[Any] = []
    gate = threading.Barrier(THREADS)

    def run(number: int) -> None:
        try:
            with tenant_scope(ref):
                gate.wait()
                done.append(work(number))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


@pytest.mark.committed
def test_numbers_have_no_twin_and_no_gap(alpha: TenantRef, team: Team) -> None:
    field("auto_number", "no", config={"prefix": "KH-", "digits": 4, "period": "year"})

    def make(number: int) -> int:
        for turn in range(EACH):
            customer(team["rep"], f"C{number}.{turn}")
            try:
                with transaction.atomic():
                    customer(team["rep"], "gone")
                    raise RuntimeError
            except RuntimeError:
                pass
        return EACH

    assert sum(at_once(alpha, make)) == THREADS * EACH
    numbers = sorted(row.custom["no"] for row in Customer.objects.exclude(custom={}))
    assert [int(number.rsplit("-", 1)[1]) for number in numbers] == list(range(1, THREADS * EACH + 1))


@pytest.mark.committed
def test_a_unique_value_goes_to_one(alpha: TenantRef, team: Team) -> None:
    field("text", "tax", unique=True)

    def make(number: int) -> str:
        try:
            customer(team["rep"], f"C{number}", tax="91330106MA2")
        except Invalid as refusal:
            return refusal.code
        return "made"

    codes = at_once(alpha, make)
    assert sorted(codes) == ["custom_not_unique"] * (THREADS - 1) + ["made"]
    assert Customer.objects.filter(custom__tax="91330106MA2").count() == CustomUnique.objects.count() == 1


def test_each_period_begins_anew(rep: Actor) -> None:
    from datetime import UTC, datetime

    from guanxi.common import clock

    field("auto_number", "no", config={"prefix": "", "digits": 3, "period": "month"})
    with clock.at(datetime(2026, 1, 31, 12, tzinfo=UTC)):
        assert customer(rep).custom["no"] == "202601-001"
    with clock.at(datetime(2026, 1, 31, 17, tzinfo=UTC)):
        assert customer(rep).custom["no"] == "202602-001"
        assert customer(rep).custom["no"] == "202602-002"
