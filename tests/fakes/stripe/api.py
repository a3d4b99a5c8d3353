"""The dozen calls that are in use, as Stripe answers them."""

from __future__ import annotations

from collections.abc import Callable

from tests.fakes.stripe.errors import Refusal
from tests.fakes.stripe.forms import Reader
from tests.fakes.stripe.shop import Json, Shop, listed, new_id

DAY = 86_400
Call = Callable[[Shop, Reader, dict[str, str]], Json]


def create_customer(shop: Shop, given: Reader, _: dict[str, str]) -> Json:
    values = {
        "name": given.text("name") or None, "email": given.text("email") or None, "metadata": given.table("metadata"),
    }  # fmt: skip
    given.done()
    return shop.add("customers", "cus", "customer", values)


def read_customer(shop: Shop, given: Reader, path: dict[str, str]) -> Json:
    given.done()
    return shop.get("customers", path["id"])


def list_prices(shop: Shop, given: Reader, _: dict[str, str]) -> Json:
    keys, active, limit = given.words("lookup_keys"), given.flag("active"), _limit(given)
    given.done()
    if len(keys) > 10:
        raise Refusal.parameter_invalid("lookup_keys")
    found = [
        price
        for price in shop.prices.values()
        if (not keys or price["lookup_key"] in keys) and active in (None, price["active"])
    ]
    return listed(found[:limit], "/v1/prices", has_more=len(found) > limit)


def create_price(shop: Shop, given: Reader, _: dict[str, str]) -> Json:
    lookup_key, currency = given.text("lookup_key"), given.text("currency", required=True)
    amount = given.number("unit_amount")
    recurring = given.part("recurring")
    interval = recurring.text("interval", required=True, choices=("day", "week", "month", "year")) if recurring else ""
    product_data, product_id = given.part("product_data"), given.text("product")
    if len(currency) != 3 or currency != currency.lower():
        raise Refusal(400, "parameter_invalid", f"Invalid currency: {currency}", "currency")
    if lookup_key and any(price["lookup_key"] == lookup_key for price in shop.prices.values()):
        raise Refusal(400, "resource_already_exists", "A price already uses that lookup key.", "lookup_key")
    if product_data is not None:
        name = product_data.text("name", required=True)
        product_data.done()
        product = shop.add("products", "prod", "product", {"name": name, "active": True, "metadata": {}})
    else:
        product = shop.refer("products", product_id)
    if recurring is not None:
        recurring.done()
    given.done()
    terms = {"interval": interval, "interval_count": 1, "usage_type": "licensed", "meter": None}
    return shop.add(
        "prices", "price", "price",
        {
            "active": True, "currency": currency, "unit_amount": amount, "unit_amount_decimal": str(amount),
            "lookup_key": lookup_key or None, "product": product["id"], "billing_scheme": "per_unit", "metadata": {},
            "type": "recurring" if recurring else "one_time", "recurring": terms if recurring else None,
        },
    )  # fmt: skip


def create_page(shop: Shop, given: Reader, _: dict[str, str]) -> Json:
    mode = given.text("mode", required=True, choices=("subscription",))
    customer = shop.refer("customers", given.text("customer", required=True))
    lines = [_line(shop, part) for part in given.parts("line_items")]
    if not lines:
        raise Refusal.parameter_missing("line_items")
    addresses = {name: given.text(name, required=name == "success_url") for name in ("success_url", "cancel_url")}
    for name, address in addresses.items():
        if address and not address.startswith(("http://", "https://")):
            raise Refusal(400, "url_invalid", "Not a valid URL", name)
    reference, metadata = given.text("client_reference_id"), given.table("metadata")
    extra = given.part("subscription_data")
    subscription_metadata = extra.table("metadata") if extra else {}
    if extra:
        extra.done()
    given.done()
    page_id = new_id("cs_test")
    amount = sum(shop.prices[line["price"]]["unit_amount"] * line["quantity"] for line in lines)
    return shop.add(
        "pages", "cs", "checkout.session",
        {
            "id": page_id, "mode": mode, "status": "open", "payment_status": "unpaid", "customer": customer["id"],
            "client_reference_id": reference or None, "metadata": metadata, "subscription": None, **addresses,
            "url": f"{shop.base_url}/pay/{page_id}", "expires_at": shop.now() + DAY, "amount_total": amount,
            "currency": shop.prices[lines[0]["price"]]["currency"], "_lines": lines,
            "_subscription_metadata": subscription_metadata,
        },
    )  # fmt: skip


def _line(shop: Shop, part: Reader) -> Json:
    line = {
        "price": shop.refer("prices", part.text("price", required=True))["id"],
        "quantity": part.number("quantity", default=1, least=1),
    }
    part.done()
    return line


def read_page(shop: Shop, given: Reader, path: dict[str, str]) -> Json:
    given.done()
    return shop.get("pages", path["id"])


def expire_page(shop: Shop, given: Reader, path: dict[str, str]) -> Json:
    given.done()
    return shop.expire(shop.get("pages", path["id"]))


def read_subscription(shop: Shop, given: Reader, path: dict[str, str]) -> Json:
    given.done()
    return shop.get("subscriptions", path["id"])


def list_subscriptions(shop: Shop, given: Reader, _: dict[str, str]) -> Json:
    customer, status, limit = given.text("customer"), given.text("status"), _limit(given)
    after = given.text("starting_after")
    given.done()
    if customer:
        shop.refer("customers", customer)
    # Newest first; without `status` those that were cancelled are left out.
    found = [
        each
        for each in reversed(shop.subscriptions.values())
        if customer in ("", each["customer"])
        and (status in ("all", each["status"]) or (not status and each["status"] != "canceled"))
    ]
    if after:
        found = found[[each["id"] for each in found].index(after) + 1 :]
    return listed(found[:limit], "/v1/subscriptions", has_more=len(found) > limit)


def _limit(given: Reader) -> int:
    return given.number("limit", default=10, least=1, most=100)


ROUTES: tuple[tuple[str, str, Call], ...] = (
    ("POST", "/v1/customers", create_customer),
    ("GET", "/v1/customers/{id}", read_customer),
    ("GET", "/v1/prices", list_prices),
    ("POST", "/v1/prices", create_price),
    ("POST", "/v1/checkout/sessions", create_page),
    ("GET", "/v1/checkout/sessions/{id}", read_page),
    ("POST", "/v1/checkout/sessions/{id}/expire", expire_page),
    ("GET", "/v1/subscriptions", list_subscriptions),
    ("GET", "/v1/subscriptions/{id}", read_subscription),
)
