"""Writes the catalogue."""

from collections.abc import Iterable

from django.db import transaction

from billing.plans.defaults import CATALOGUE
from billing.plans.models import Plan, Price
from billing.plans.types import PlanDefinition, PriceDefinition
from guanxi.tenancy import public_scope


def sync_catalogue(catalogue: Iterable[PlanDefinition] = CATALOGUE) -> int:
    """Bring in the plans of this release that the database does not know; return how many.

    A row that is there is left alone, whoever made it; two processes may do this at the same time.
    """
    with public_scope(), transaction.atomic():
        known = set(Plan.objects.values_list("code", "version"))
        missing = [plan for plan in catalogue if (plan.code, plan.version) not in known]
        if not missing:
            return 0
        Plan.objects.bulk_create([_plan(definition) for definition in missing], ignore_conflicts=True)
        rows = {(plan.code, plan.version): plan for plan in Plan.objects.all()}
        prices = [_price(rows[plan.code, plan.version], price) for plan in missing for price in plan.prices]
        Price.objects.bulk_create(prices, ignore_conflicts=True)
        return len(missing)


def _plan(definition: PlanDefinition) -> Plan:
    return Plan(
        code=definition.code,
        version=definition.version,
        position=definition.position,
        trial_days=definition.trial_days,
        at_sign_up=definition.at_sign_up,
        for_sale=definition.for_sale,
        seats=definition.seats,
        features=None if definition.features is None else list(definition.features),
        limits=dict(definition.limits),
    )


def _price(plan: Plan, definition: PriceDefinition) -> Price:
    name = f"guanxi_{plan.code}_v{plan.version}_{definition.currency}_{definition.interval}".lower()
    return Price(
        plan=plan,
        currency=definition.currency,
        interval=definition.interval,
        amount=definition.amount,
        lookup_key=name,
    )
