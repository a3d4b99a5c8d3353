"""The stand-in is as strict as the real one, keeps what it knows, and does not give up delivering."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.fakes.running import FakeProcess
from tests.fakes.stripe import FakeStripe, Fault, FaultKind
from tests.fakes.stripe.shop import API_VERSION, CARD_DECLINED, CARD_PAID
from tests.guanxi.jobs.workers import wait_for

HEADERS = {"Authorization": "Bearer sk_test_stand_in", "Stripe-Version": API_VERSION}


def call(url: str, method: str, path: str, data: dict[str, Any] | None = None, **headers: str) -> requests.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.request(method, f"{url}{path}", data=data, headers={**HEADERS, **given}, timeout=10)


def sell(url: str) -> str:
    """Make a customer, a price and a page; return the page's address."""
    customer = call(url, "POST", "/v1/customers", {"name": "Longjing"}).json()["id"]
    price = call(
        url, "POST", "/v1/prices",
        {"currency": "cny", "unit_amount": "9900", "recurring[interval]": "month", "product_data[name]": "Team"},
    ).json()["id"]  # fmt: skip
    page = call(
        url, "POST", "/v1/checkout/sessions",
        {
            "mode": "subscription", "customer": customer, "success_url": "http://127.0.0.1/done",
            "line_items[0][price]": price, "line_items[0][quantity]": "3",
        },
    )  # fmt: skip
    return str(page.json()["url"])


@pytest.mark.parametrize(
    ("headers", "data", "status"),
    [
        ({"Authorization": "Bearer sk_live_x"}, {}, 401),
        ({"Stripe_Version": "2020-08-27"}, {}, 400),
        ({"Content_Type": "application/json"}, {}, 400),
        ({}, {"nickname": "x"}, 400),
        ({}, {"metadata": "x"}, 400),
        ({}, {"metadata[workspace]": "x"}, 200),
    ],
)
def test_it_is_strict(stripe: FakeStripe, headers: dict[str, str], data: dict[str, str], status: int) -> None:
    assert call(stripe.url, "POST", "/v1/customers", data, **headers).status_code == status


def test_a_key_gives_the_same_answer_and_no_other(stripe: FakeStripe) -> None:
    first = call(stripe.url, "POST", "/v1/customers", {"name": "a"}, Idempotency_Key="one")
    again = call(stripe.url, "POST", "/v1/customers", {"name": "a"}, Idempotency_Key="one")
    other = call(stripe.url, "POST", "/v1/customers", {"name": "b"}, Idempotency_Key="one")
    assert first.json() == again.json()
    assert (again.headers.get("Idempotent-Replayed"), other.status_code) == ("true", 400)
    assert other.json()["error"]["type"] == "idempotency_error"
    assert len(stripe.shop.customers) == 1


def test_only_the_right_card_pays_and_only_once(stripe: FakeStripe) -> None:
    url = sell(stripe.url)
    assert requests.post(url, {"card": CARD_DECLINED}, timeout=10).status_code == 402
    assert stripe.shop.subscriptions == {}
    assert requests.post(url, {"card": CARD_PAID}, timeout=10, allow_redirects=False).status_code == 303
    assert requests.post(url, {"card": CARD_PAID}, timeout=10, allow_redirects=False).status_code == 400
    assert [each["quantity"] for each in stripe.shop.subscriptions.values()] == [3]


class Listener:
    """A webhook that notes what comes and answers what it is told."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.heard: list[bytes] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                listener.heard.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(listener.statuses.pop(0) if listener.statuses else 200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class calls it so
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join(5)


def test_it_delivers_until_it_is_taken(stripe: FakeStripe, listener: Listener) -> None:
    stripe.target.url, stripe.target.secret = listener.url, "whsec"
    listener.statuses = [503, 500]
    stripe.shop.record("price.created", {"id": "price_x"})
    wait_for(lambda: len(listener.heard) == 3, what="the third try")
    wait_for(lambda: [each.status for each in stripe.pusher.deliveries] == [503, 500, 200], what="its notes")
    assert len(set(listener.heard)) == 1


def test_twice_and_upside_down(stripe: FakeStripe, listener: Listener) -> None:
    stripe.target.url, stripe.target.secret = listener.url, "whsec"
    stripe.faults.order(Fault(FaultKind.REORDER))
    stripe.faults.order(Fault(FaultKind.DUPLICATE))
    with stripe.shop.lock:
        first = stripe.shop.record("price.created", {"id": "price_1"})
        second = stripe.shop.record("price.updated", {"id": "price_1"})
    wait_for(lambda: len(stripe.pusher.deliveries) == 3, what="three deliveries")
    assert [each.event_id for each in stripe.pusher.deliveries] == [second["id"], first["id"], first["id"]]


@pytest.mark.slow
def test_as_a_process_it_keeps_what_it_knows(tmp_path: Path, listener: Listener) -> None:
    arguments = ("--state", str(tmp_path / "state"), "--webhook-secret", "whsec")
    with FakeProcess("tests.fakes.stripe", *arguments) as process:
        url = sell(process.url)
        assert requests.post(url, {"card": CARD_PAID}, timeout=10, allow_redirects=False).status_code == 303
        process.kill()
    with FakeProcess("tests.fakes.stripe", *arguments, "--webhook-url", listener.url) as process:
        found = call(process.url, "GET", "/v1/subscriptions", None).json()["data"]
        assert [each["status"] for each in found] == ["active"]
        wait_for(lambda: len(listener.heard) == 4, what="the events that nobody had taken")
        state = requests.get(f"{process.url}/_control", timeout=10).json()
        assert len(state["events"]) == 4
        time.sleep(0.1)
        fault = {"kind": "error_500", "path": "/v1/customers"}
        assert requests.post(f"{process.url}/_control/faults", json=fault, timeout=10).status_code == 201
        assert call(process.url, "POST", "/v1/customers", {}).status_code == 500
