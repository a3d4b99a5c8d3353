"""Reads the catalogue; the first who asks after an upgrade brings in the new plans."""

from billing.plans.defaults import CATALOGUE
from billing.plans.models import Plan, Price
from billing.plans.services import sync_catalogue
from guanxi.common.errors import NotFound
from guanxi.tenancy import public_scope

RELEASED = {(plan.code, plan.version) for plan in CATALOGUE}


def current_plans() -> list[Plan]:
    """Return the newest version of each plan, in the order to show them."""
    with public_scope():
        rows = list(Plan.objects.order_by("position", "code", "version"))
        if not {(row.code, row.version) for row in rows} >= RELEASED:
            sync_catalogue()
            rows = list(Plan.objects.order_by("position", "code", "version"))
    return list({row.code: row for row in rows}.values())


def plan_of_code(code: str) -> Plan:
    """Return the newest version of a plan; raise NotFound for an unknown one."""
    found = next((plan for plan in current_plans() if plan.code == code), None)
    if found is None:
        raise NotFound("plan", code)
    return found


def prices_of(plans: list[Plan]) -> dict[int, list[Price]]:
    """Return plan id → its prices, by currency and from the shorter interval to the longer."""
    found: dict[int, list[Price]] = {plan.pk: [] for plan in plans}
    with public_scope():
        for price in Price.objects.filter(plan_id__in=found).order_by("currency", "interval"):
            found[price.plan_id].append(price)
    return found


def find_price(plan: Plan, *, currency: str, interval: str) -> Price | None:
    """Return what a seat of a plan costs, None when it is not sold so."""
    with public_scope():
        return Price.objects.select_related("plan").filter(plan=plan, currency=currency, interval=interval).first()


def price_of_lookup_key(lookup_key: str) -> Price | None:
    """Return the price that the payment provider names, None for one that is not ours."""
    with public_scope():
        return Price.objects.select_related("plan").filter(lookup_key=lookup_key).first()
