"""What Stripe keeps: customers, prices, pages, subscriptions, events; plain objects in Stripe's own shapes."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.fakes.stripe.errors import Refusal

Json = dict[str, Any]
API_VERSION = "2026-10-28.endive"
MONTH, YEAR = 30 * 86_400, 365 * 86_400
CARD_PAID, CARD_DECLINED = "4242424242424242", "4000000000000002"
KEPT = ("customers", "products", "prices", "pages", "subscriptions", "invoices", "events", "answers")


class Shop:
    """The state. `emit` is called with each new event; whoever serves the shop delivers it."""

    def __init__(self, folder: Path | None = None) -> None:
        self.base_url = ""
        self.folder = folder
        self.offset = 0.0
        self.lock = threading.RLock()
        self.emit: Callable[[Json], None] = lambda event: None
        self.customers: dict[str, Json] = {}
        self.products: dict[str, Json] = {}
        self.prices: dict[str, Json] = {}
        self.pages: dict[str, Json] = {}
        self.subscriptions: dict[str, Json] = {}
        self.invoices: dict[str, Json] = {}
        self.events: dict[str, Json] = {}
        self.answers: dict[str, Json] = {}
        self.calls: list[tuple[str, str]] = []
        self._load()

    def now(self) -> int:
        return int(time.time() + self.offset)

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            for name in KEPT:
                getattr(self, name).clear()
            self.calls.clear()

    def get(self, kind: str, object_id: str) -> Json:
        """Return an object, by the name of its shelf."""
        found: Json | None = getattr(self, kind).get(object_id)
        if found is None:
            raise Refusal.missing(kind.rstrip("s"), object_id)
        return found

    def refer(self, kind: str, object_id: str) -> Json:
        """Return an object that a parameter names."""
        found: Json | None = getattr(self, kind).get(object_id)
        if found is None:
            raise Refusal.missing_reference(kind.rstrip("s"), object_id)
        return found

    def add(self, kind: str, prefix: str, name: str, values: Json) -> Json:
        """Keep a new object."""
        made = {"id": new_id(prefix), "object": name, "created": self.now(), "livemode": False, **values}
        getattr(self, kind)[made["id"]] = made
        return made

    def record(self, kind: str, about: Json) -> Json:
        """Keep an event with the object as it is now, and let it be delivered."""
        event = self.add(
            "events",
            "evt",
            "event",
            {
                "api_version": API_VERSION,
                "type": kind,
                "data": {"object": json.loads(json.dumps(about))},
                "pending_webhooks": 1,
                "request": {"id": None, "idempotency_key": None},
            },
        )
        self.emit(event)
        return event

    # What customers do -----------------------------------------------------------------------------------------------

    def pay(self, page_id: str, card: str) -> Json:
        """Pay on a page; raise Refusal for a card that is declined, and for a page that is not open any more."""
        with self.lock:
            page = self.get("pages", page_id)
            if page["status"] != "open":
                raise Refusal(400, "page_closed", "This page has been completed or has expired.")
            if card != CARD_PAID:
                raise Refusal(402, "card_declined", "Your card was declined.", kind="card_error")
            subscription = self._subscribe(page)
            invoice = self._invoice(subscription)
            page.update(status="complete", payment_status="paid", subscription=subscription["id"], url=None)
            self.record("customer.subscription.created", subscription)
            self.record("checkout.session.completed", public(page))
            self.record("invoice.paid", invoice)
            self.record("customer.subscription.updated", subscription)
            self.save()
            return page

    def change(self, subscription_id: str, **changes: Any) -> Json:
        """Let a subscription change at Stripe, as by a failed payment or at the portal, and tell of it."""
        with self.lock:
            subscription = self.get("subscriptions", subscription_id)
            quantity = changes.pop("quantity", None)
            if quantity is not None:
                subscription["items"]["data"][0]["quantity"] = quantity
                subscription["quantity"] = quantity
            subscription.update(changes)
            ended = subscription["status"] == "canceled"
            if ended:
                subscription.update(ended_at=self.now(), canceled_at=self.now())
            event = self.record(f"customer.subscription.{'deleted' if ended else 'updated'}", subscription)
            self.save()
            return event

    def expire(self, page: Json) -> Json:
        if page["status"] != "open":
            raise Refusal(400, "page_closed", "Only open sessions can be expired.")
        page.update(status="expired", url=None)
        self.record("checkout.session.expired", public(page))
        return page

    def _subscribe(self, page: Json) -> Json:
        line, now = page["_lines"][0], self.now()
        price = self.prices[line["price"]]
        end = now + (YEAR if price["recurring"]["interval"] == "year" else MONTH)
        made = self.add(
            "subscriptions",
            "sub",
            "subscription",
            {
                "customer": page["customer"],
                "status": "active",
                "currency": price["currency"],
                "quantity": line["quantity"],
                "metadata": page["_subscription_metadata"],
                "cancel_at_period_end": False,
                "cancel_at": None,
                "canceled_at": None,
                "ended_at": None,
                "trial_start": None,
                "trial_end": None,
                "start_date": now,
                "collection_method": "charge_automatically",
                "latest_invoice": None,
            },
        )
        item = {
            "id": new_id("si"), "object": "subscription_item", "created": now, "price": price, "metadata": {},
            "quantity": line["quantity"], "current_period_start": now, "current_period_end": end,
            "subscription": made["id"],
        }  # fmt: skip
        made["items"] = listed([item], f"/v1/subscription_items?subscription={made['id']}")
        return made

    def _invoice(self, subscription: Json) -> Json:
        item = subscription["items"]["data"][0]
        amount = item["price"]["unit_amount"] * item["quantity"]
        invoice = self.add(
            "invoices",
            "in",
            "invoice",
            {
                "customer": subscription["customer"],
                "currency": subscription["currency"],
                "status": "paid",
                "amount_due": amount,
                "amount_paid": amount,
                "amount_remaining": 0,
                "parent": {
                    "type": "subscription_details",
                    "subscription_details": {"subscription": subscription["id"], "metadata": {}},
                },
            },
        )
        subscription["latest_invoice"] = invoice["id"]
        return invoice

    # Keeping ---------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / "shop.json.new"
        with self.lock:
            fresh.write_text(json.dumps({name: getattr(self, name) for name in KEPT}), encoding="utf-8")
        fresh.replace(self.folder / "shop.json")

    def _load(self) -> None:
        if self.folder is not None and (self.folder / "shop.json").exists():
            for name, objects in json.loads((self.folder / "shop.json").read_text(encoding="utf-8")).items():
                getattr(self, name).update(objects)


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def public(found: Json) -> Json:
    """Return an object without what only the shop itself knows."""
    return {name: value for name, value in found.items() if not name.startswith("_")}


def listed(objects: list[Json], url: str, *, has_more: bool = False) -> Json:
    return {"object": "list", "data": objects, "has_more": has_more, "url": url}
