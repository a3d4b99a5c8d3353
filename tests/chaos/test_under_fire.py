"""Worker, relay and Redis die while customers write, or Tencent sends thrice: every message and lead comes once."""

import threading
import time
from collections.abc import Callable

import pytest
import requests

from tests.chaos.company import Company, doubles, settle
from tests.e2e.stack import RunningStack

pytestmark = [pytest.mark.chaos, pytest.mark.slow]

CUSTOMERS = 24
PARTS: dict[str, tuple[str, ...]] = {
    "worker": ("celery", "worker"),
    "relay": ("manage", "relay"),
    "redis": ("valkey-server",),
}


def phone(number: int) -> str:
    """Return a customer's own number."""
    return f"1390000{number:04d}"


@pytest.mark.parametrize("part", list(PARTS))
def test_nothing_is_lost_or_doubled(stack: RunningStack, part: str) -> None:
    company = Company(stack)
    people = {number: company.follower(number) for number in range(CUSTOMERS)}
    stop = threading.Event()
    killer = threading.Thread(target=_kill_now_and_then, args=(lambda: stack.kill(*PARTS[part]), stop), daemon=True)
    killer.start()
    for number, openid in people.items():
        company.say(openid, f"我是客户{number}，电话{phone(number)}，想做200盒礼盒")
        time.sleep(0.25)
    stop.set()
    killer.join(30)

    _everything_came_once(company)


def test_a_resent_callback_is_one_message(stack: RunningStack) -> None:
    """Tencent waits so short a time that it sends nearly everything three times."""
    company = Company(stack)
    people = {number: company.follower(number) for number in range(CUSTOMERS)}
    patience = f"{stack.fake_url}/_control/settings"
    requests.patch(patience, json={"callback_timeout": 0.03}, timeout=10).raise_for_status()
    try:
        for number, openid in people.items():
            company.say(openid, f"我是客户{number}，电话{phone(number)}，想做200盒礼盒")
            time.sleep(0.1)
        time.sleep(5)
    finally:
        requests.patch(patience, json={"callback_timeout": 5.0}, timeout=10).raise_for_status()
    traces = requests.get(f"{stack.fake_url}/_control/traces?app_id={company.app_id}", timeout=10).json()
    assert len(traces["deliveries"]) > CUSTOMERS, "nothing was sent again: the test shows nothing"
    _everything_came_once(company)


def _everything_came_once(company: Company) -> None:
    wanted = {phone(number) for number in range(CUSTOMERS)}
    settle(lambda: {lead["phone"] for lead in company.all("/api/v1/leads")} >= wanted, "a lead for everybody")
    settle(lambda: len(_bells(company)) >= CUSTOMERS, "a bell for every lead")
    settle(lambda: not _on_their_way(company), "every answer has gone out")
    time.sleep(3)

    leads = [lead["phone"] for lead in company.all("/api/v1/leads")]
    assert (sorted(leads), doubles(leads)) == (sorted(wanted), [])
    inbound = [m["text"] for m in company.all("/api/v1/messages") if m["direction"] == "in" and m["kind"] == "text"]
    assert (len(inbound), doubles(inbound)) == (CUSTOMERS, [])
    bells = _bells(company)
    assert (len(bells), doubles(bells)) == (CUSTOMERS, [])


def _bells(company: Company) -> list[int]:
    rows = company.all("/api/v1/notifications")
    return [row["record"][1] for row in rows if row["kind"] == "lead_assigned"]


def _on_their_way(company: Company) -> list[int]:
    return [m["id"] for m in company.all("/api/v1/messages") if m["state"] == "pending"]


def _kill_now_and_then(kill: Callable[[], None], stop: threading.Event) -> None:
    while not stop.wait(1.5):
        try:
            kill()
        except AssertionError:
            # The supervisor has not started it again yet.
            continue
        stop.wait(4)
