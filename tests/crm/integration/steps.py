"""What these tests do again and again: endpoints, events that go out, time that goes by."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from crm.integration.models import WebhookDelivery, WebhookEndpoint
from crm.integration.services import create_endpoint, send_delivery
from crm.integration.types import NewSecret
from crm.leads.models import Lead
from crm.leads.services import create_lead
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.events.dispatch import dispatch_event
from guanxi.events.relay import drain
from guanxi.tenancy import TenantRef, public_scope, tenant_scope
from tests.crm.integration.receiver import Received


def endpoint_at(actor: Actor, url: str, **values: Any) -> NewSecret:
    """Make an endpoint."""
    return create_endpoint(actor=actor, values={"url": url, **values})


def new_lead(actor: Actor, **values: Any) -> Lead:
    """Make a lead and let its events find their endpoints."""
    lead = create_lead(actor=actor, values={"name": "Han Meimei", "phone": "13900001234", **values})
    dispatch()
    return lead


def dispatch() -> None:
    """Let the relay hand out all that waits."""
    ref = current()
    with public_scope():
        drain(dispatch_event)
    assert current() == ref


def current() -> TenantRef:
    """Return the tenant at hand."""
    from guanxi.tenancy import require_tenant

    return require_tenant()


def only_delivery() -> WebhookDelivery:
    """Return the one delivery that there is."""
    return WebhookDelivery.objects.get()


def send_all() -> int:
    """Send what waits, once each; return how many calls were made."""
    waiting = WebhookDelivery.objects.filter(state="waiting").order_by("pk").values_list("pk", flat=True)
    return sum(send_delivery(delivery_id=pk) for pk in list(waiting))


@contextmanager
def later(**ago: float) -> Iterator[None]:
    """Let it be so much later."""
    with clock.at(clock.now() + timedelta(**ago)):
        yield


def verify(received: Received, secret: str) -> bool:
    """Verify a request as an integrator would, with the words of the guide alone."""
    parts = [part.split("=", 1) for part in received.headers["guanxi-signature"].split(",")]
    seconds = next(value for name, value in parts if name == "t")
    expected = hmac.new(secret.encode(), seconds.encode() + b"." + received.body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(expected, value) for name, value in parts if name == "v1")


def endpoint() -> WebhookEndpoint:
    """Return the one endpoint that there is, as it stands now."""
    return WebhookEndpoint.objects.get()


__all__ = [
    "current",
    "dispatch",
    "endpoint",
    "endpoint_at",
    "later",
    "new_lead",
    "only_delivery",
    "send_all",
    "tenant_scope",
    "verify",
]
