"""Buying: opens the page on which somebody pays. Opening it grants nothing, and neither does coming back from it."""

from typing import TYPE_CHECKING

from django.db import transaction

from billing.gateways import stripe_gateway
from billing.gateways.types import CheckoutPage, PriceAtProvider
from billing.plans.selectors import current_plans, find_price
from billing.subscriptions.models import Subscription
from billing.subscriptions.services.trials import start_trial
from billing.subscriptions.types import Choice
from guanxi.access import Actor, require
from guanxi.audit import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid
from guanxi.common.ids import digest
from guanxi.tenancy import TenantRef, public_scope, require_tenant
from tenants.members.selectors import active_member_ids, profile_of
from tenants.workspaces.selectors import current_workspace, workspace_url

if TYPE_CHECKING:
    from billing.plans.models import Price

MOST_SEATS = 1_000
BILLING_PAGE = "/settings/billing"
SUBSCRIBED = {Subscription.State.ACTIVE, Subscription.State.PAST_DUE}


def open_checkout(*, actor: Actor, choice: Choice) -> str:
    """Return the address of the one open page on which the workspace can pay for `choice`.

    Stripe is called under the lock of the workspace's row, so that a double click finds the page of the first one. The
    keys that go along make a call whose answer was lost give the same customer and the same page again.
    """
    require(actor, "billing.manage")
    tenant = require_tenant()
    price = _price(choice)
    _require_seats_for_all(choice.seats)
    # In a transaction of its own: what Stripe has made by then must not be forgotten when the page cannot be opened.
    customer_id = _ensure_customer(actor, tenant)
    with transaction.atomic():
        with public_scope():
            row = _locked(tenant)
            if row.state in SUBSCRIBED:
                raise Conflict("already_subscribed", "This workspace has a subscription; change it instead.")
            page = _open_page(row, tenant, customer_id, price, choice)
            Subscription.objects.filter(pk=row.pk).update(
                checkout_page_id=page.id, checkout_choice=_digest(choice), updated_at=clock.now()
            )
        if page.id != row.checkout_page_id:
            record_audit(actor=actor, action="checkout_opened", kind="subscription", record_id=row.pk)
    return page.url


def _price(choice: Choice) -> "Price":
    plan = next((each for each in current_plans() if each.code == choice.plan and each.for_sale), None)
    if plan is None:
        raise Invalid("plan_unknown", "There is no such plan.", fields={"plan": "unknown"})
    price = find_price(plan, currency=choice.currency, interval=choice.interval)
    if price is None:
        raise Invalid("price_unknown", "The plan is not sold so.", fields={"currency": "unknown"})
    return price


def _require_seats_for_all(seats: int) -> None:
    needed = len(active_member_ids())
    if not max(needed, 1) <= seats <= MOST_SEATS:
        raise Invalid(
            "seats_out_of_range",
            f"{needed} members are at work; choose {needed} to {MOST_SEATS} seats.",
            fields={"seats": "out_of_range"},
            params={"least": needed, "most": MOST_SEATS},
        )


def _locked(tenant: TenantRef) -> Subscription:
    return Subscription.objects.select_for_update(of=("self",)).select_related("plan").get(workspace_id=tenant.id)


def _ensure_customer(actor: Actor, tenant: TenantRef) -> str:
    # A workspace from before there was billing has no row yet.
    start_trial(tenant=tenant, plan_code="trial", seats=max(len(active_member_ids()), 1))
    name = current_workspace().name
    email = str(profile_of(actor.member_id)["email"]) if actor.member_id is not None else ""
    with public_scope(), transaction.atomic():
        row = _locked(tenant)
        if row.stripe_customer_id:
            return row.stripe_customer_id
        key = f"customer-{tenant.schema}-{digest(f'{name}|{email}')[:16]}"
        made = stripe_gateway.create_customer(workspace=tenant.schema, name=name, email=email, key=key)
        Subscription.objects.filter(pk=row.pk).update(stripe_customer_id=made, updated_at=clock.now())
        return made


def _open_page(row: Subscription, tenant: TenantRef, customer_id: str, price: "Price", choice: Choice) -> CheckoutPage:
    if row.checkout_page_id:
        before = stripe_gateway.read_checkout_page(row.checkout_page_id)
        if before.is_open and row.checkout_choice == _digest(choice):
            return before
        if before.is_open:
            stripe_gateway.expire_checkout_page(before.id)
    price_id = stripe_gateway.ensure_price(
        PriceAtProvider(
            lookup_key=price.lookup_key,
            product=f"Guanxi {price.plan.code} {price.plan.version}",
            currency=price.currency,
            interval=price.interval,
            amount=price.amount,
        )
    )
    return stripe_gateway.open_checkout_page(
        customer_id=customer_id,
        price_id=price_id,
        seats=choice.seats,
        reference=tenant.schema,
        back_to=workspace_url(tenant.slug, BILLING_PAGE, tenant_id=tenant.id),
        key=f"checkout-{customer_id}-{digest(row.checkout_page_id + _digest(choice))[:32]}",
    )


def _digest(choice: Choice) -> str:
    return digest(f"{choice.plan}|{choice.interval}|{choice.currency}|{choice.seats}")
