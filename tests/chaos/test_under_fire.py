"""Worker, relay and Redis die while customers write, or Tencent sends thrice: every message and lead comes once."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

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
    """Tencent did not hear our answer: the very same calls come again, three times, all at once."""
    company = Company(stack)
    for number in range(CUSTOMERS):
        company.say(company.follower(number), f"我是客户{number}，电话{phone(number)}，想做200盒礼盒")
    pushes = f"{stack.fake_url}/_control/traces?app_id={company.app_id}"

    def texts() -> list[dict[str, Any]]:
        deliveries = requests.get(pushes, timeout=10).json()["deliveries"]
        return [each for each in deliveries if each["kind"] == "text" and each["status"] == 200]

    settle(lambda: len(texts()) >= CUSTOMERS, "every message has been pushed")
    again = texts() * 3
    random.Random(7).shuffle(again)
    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda push: requests.post(push["url"], push["wire"].encode(), timeout=60), again))
    assert {answer.status_code for answer in answers} == {200}
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
