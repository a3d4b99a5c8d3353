"""Stripe's stand-in, and a workspace that goes to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler

import pytest
import requests
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.test import Client

from billing.subscriptions.models import StripeEvent, Subscription
from billing.subscriptions.services import work_off_event
from guanxi.tenancy import TenantRef, public_scope
from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe.pushing import body_of, sign

KEY, SECRET = "sk_test_billing", "whsec_billing"
PAID, DECLINED = "4242 4242 4242 4242", "4000 0000 0000 0002"
Json = dict[str, Any]


@pytest.fixture(scope="session")
def played() -> Iterator[FakeStripe]:
    with FakeStripe() as fake:
        yield fake


@pytest.fixture
def stripe(played: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> FakeStripe:
    """Stripe with nothing sold yet, and our calls going there, from this process and from those that it starts."""
    played.reset()
    for name, value in (
        ("GUANXI_STRIPE_API_BASE", played.url), ("STRIPE_SECRET_KEY", KEY), ("STRIPE_WEBHOOK_SECRET", SECRET),
    ):  # fmt: skip
        monkeypatch.setattr(settings, name, value)
        monkeypatch.setenv(name, value)
    return played


class Webhook:
    """Stripe's side of the webhook, without a network in between."""

    def __init__(self) -> None:
        self.client = Client(SERVER_NAME="127.0.0.1")

    def post(self, body: bytes, signature: str) -> Any:
        headers = {"Stripe-Signature": signature}
        return self.client.post("/stripe/webhook", body, content_type="application/json", headers=headers)

    def send(self, event: Json) -> Any:
        body = body_of(event)
        return self.post(body, sign(body, SECRET))

    def work(self) -> list[str]:
        """Work off what waits, in the order of arrival; return how each of all events stands."""
        with public_scope():
            for event in StripeEvent.objects.filter(state__in=["received", "failed"]).order_by("pk"):
                work_off_event(event_id=event.pk)
            return list(StripeEvent.objects.order_by("pk").values_list("state", flat=True))


@pytest.fixture
def webhook(alpha: TenantRef) -> Webhook:
    return Webhook()


def row_of(tenant: TenantRef) -> Subscription:
    with public_scope():
        return Subscription.objects.select_related("plan", "workspace").get(workspace_id=tenant.id)


def pay(url: str, card: str = PAID) -> requests.Response:
    """Pay on the page, as a browser would."""
    assert "card" in requests.get(url, timeout=10).text
    return requests.post(url, {"card": card}, timeout=10, allow_redirects=False)


class QuietHandler(WSGIRequestHandler):
    """Serves without a word."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class calls it so
        return


@pytest.fixture
def server(alpha: TenantRef) -> Iterator[str]:
    """Our own server over real HTTP, for tests that commit."""
    httpd = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    httpd.set_app(get_wsgi_application())
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()
    thread.join(5)
