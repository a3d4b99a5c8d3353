"""Stripe: the only place that knows its package. Typed results in, clear refusals out."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from billing.gateways.types import (
    CheckoutPage,
    Notification,
    NotificationRefused,
    PriceAtProvider,
    SubscriptionAtProvider,
)
from guanxi.common import clock
from guanxi.common.errors import Problem
from guanxi.common.lazy import LazyModule

if TYPE_CHECKING:
    import stripe
else:
    stripe = LazyModule("stripe")

log = logging.getLogger(__name__)
# Package, code and the endpoint that is set up at Stripe speak the same version; a test compares the first two.
API_VERSION = "2026-10-28.endive"
TOLERANCE_SECONDS = 300
# A call may wait under a row's lock, inside a task: two tries must end before the task's soft limit.
TIMEOUT_SECONDS = 8
RETRIES = 1
MOST_SUBSCRIPTIONS = 100


def is_configured() -> bool:
    """Return whether there is a key to call Stripe with."""
    return bool(settings.STRIPE_SECRET_KEY)


def create_customer(*, workspace: str, name: str, email: str, key: str) -> str:
    """Make a customer and return its id; the same `key` makes it once."""
    with _calling() as client:
        made = client.v1.customers.create(
            {"name": name, "email": email, "metadata": {"workspace": workspace}}, {"idempotency_key": key}
        )
        return made.id


def ensure_price(price: PriceAtProvider) -> str:
    """Return the id of the price with this lookup key, made when Stripe does not know it."""
    with _calling() as client:
        found = client.v1.prices.list({"lookup_keys": [price.lookup_key], "active": True, "limit": 1})
        if found.data:
            return found.data[0].id
        made = client.v1.prices.create(
            {
                "currency": price.currency.lower(),
                "unit_amount": price.amount,
                "recurring": {"interval": "year" if price.interval == "year" else "month"},
                "lookup_key": price.lookup_key,
                "product_data": {"name": price.product},
            },
            {"idempotency_key": f"price-{price.lookup_key}"},
        )
        return made.id


def open_checkout_page(
    *, customer_id: str, price_id: str, seats: int, reference: str, back_to: str, key: str
) -> CheckoutPage:
    """Open a page that sells a subscription; `back_to` gets `?checkout=done` or `?checkout=left`."""
    with _calling() as client:
        made = client.v1.checkout.sessions.create(
            {
                "mode": "subscription",
                "customer": customer_id,
                "client_reference_id": reference,
                "line_items": [{"price": price_id, "quantity": seats}],
                "success_url": f"{back_to}?checkout=done",
                "cancel_url": f"{back_to}?checkout=left",
                "subscription_data": {"metadata": {"workspace": reference}},
            },
            {"idempotency_key": key},
        )
        return _page(made)


def read_checkout_page(page_id: str) -> CheckoutPage:
    """Return how a page stands now."""
    with _calling() as client:
        return _page(client.v1.checkout.sessions.retrieve(page_id))


def expire_checkout_page(page_id: str) -> None:
    """Close an open page, so that nobody pays twice."""
    with _calling() as client:
        client.v1.checkout.sessions.expire(page_id)


def read_subscriptions(customer_id: str) -> list[SubscriptionAtProvider]:
    """Return every subscription that a customer has or had, as it stands now."""
    with _calling() as client:
        found = client.v1.subscriptions.list({"customer": customer_id, "status": "all", "limit": MOST_SUBSCRIPTIONS})
        return [_subscription(each) for each in found.auto_paging_iter()]


def read_notification(body: bytes, signature: str) -> Notification:
    """Return what Stripe signed; raise NotificationRefused for anything else.

    The package lets a timestamp of the future pass, so both ends of the window are looked at here, by our own clock.
    """
    if not settings.STRIPE_WEBHOOK_SECRET:
        raise _not_configured()
    try:
        stripe.WebhookSignature.verify_header(body, signature, settings.STRIPE_WEBHOOK_SECRET, None)
        signed_at = int(next(part for part in signature.split(",") if part.startswith("t="))[2:])
    except (stripe.SignatureVerificationError, ValueError, TypeError, StopIteration) as fault:
        raise NotificationRefused("signature") from fault
    if abs(clock.now().timestamp() - signed_at) > TOLERANCE_SECONDS:
        raise NotificationRefused("timestamp")
    return _notification(body)


def _notification(body: bytes) -> Notification:
    try:
        payload = json.loads(body)
        about = payload["data"]["object"]
        customer = about["id"] if about.get("object") == "customer" else about.get("customer")
        return Notification(
            id=_word(payload["id"]),
            kind=_word(payload["type"]),
            created=_moment(int(payload["created"])),
            api_version=str(payload.get("api_version") or ""),
            customer_id=customer if isinstance(customer, str) else "",
            payload=payload,
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError) as fault:
        raise NotificationRefused("content") from fault


def _word(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 255 or "\x00" in value:
        raise ValueError("not a word")
    return value


def _page(session: "stripe.checkout.Session") -> CheckoutPage:
    return CheckoutPage(id=session.id, url=session.url or "", is_open=session.status == "open")


def _subscription(found: "stripe.Subscription") -> SubscriptionAtProvider:
    item = found["items"].data[0]
    price = item.price
    return SubscriptionAtProvider(
        id=found.id,
        customer_id=found.customer if isinstance(found.customer, str) else found.customer.id,
        status=found.status,
        created=_moment(found.created),
        lookup_key=price.lookup_key or "",
        seats=getattr(item, "quantity", None) or 1,
        currency=price.currency.upper(),
        interval=price.recurring.interval if price.recurring else "",
        current_period_end=_moment(item.current_period_end),
        trial_end=_moment_or_none(found.trial_end),
        ended_at=_moment_or_none(found.ended_at),
        cancel_at_period_end=found.cancel_at_period_end,
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _moment_or_none(seconds: int | None) -> datetime | None:
    return None if seconds is None else _moment(seconds)


@contextmanager
def _calling() -> "Iterator[stripe.StripeClient]":
    """Lend the client; whatever goes wrong at Stripe becomes a problem of ours, and its words go to the log only."""
    if not is_configured():
        raise _not_configured()
    try:
        yield _client(settings.STRIPE_SECRET_KEY, settings.GUANXI_STRIPE_API_BASE)
    except (stripe.APIConnectionError, stripe.APIError, stripe.RateLimitError) as fault:
        log.warning("Stripe cannot be reached: %s", type(fault).__name__)
        raise Problem(
            "payment_provider_unavailable",
            status=503,
            detail="The payment provider does not answer; nothing was charged. Try again in a moment.",
        ) from fault
    except stripe.StripeError as fault:
        log.exception("Stripe refused a call (%s)", fault.code)
        raise Problem(
            "payment_provider_refused", status=502, detail="The payment provider refused the call; nothing was charged."
        ) from fault


def _not_configured() -> Problem:
    return Problem("billing_not_configured", status=503, detail="Online payment is not set up on this installation.")


@lru_cache(maxsize=4)
def _client(key: str, base: str) -> "stripe.StripeClient":
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses={"api": base} if base else None,
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    )
