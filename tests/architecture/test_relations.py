"""Keys between the models, looked at in the models themselves."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from tests.architecture import relations


def test_keys_point_downwards_and_leave_no_name() -> None:
    assert relations.breaches(apps.get_models(include_auto_created=True)) == []


def test_every_app_with_models_has_a_rank() -> None:
    ours = {relations.app_of(model) for model in apps.get_models()} - {""}
    assert {app for app in ours if not app.startswith("guanxi.")} - set(relations.ranks()) == set()


def test_ranks() -> None:
    ranks = relations.ranks()
    assert (
        ranks["tenants.workspaces"]
        < ranks["tenants.members"]
        < ranks["crm.records"]
        < ranks["crm.leads"]
        < ranks["bots.assistant"]
    )
    assert ranks["guanxi.common"] < ranks["guanxi.events"] < ranks["tenants.workspaces"]
    assert ranks["crm.knowledge"] == ranks["crm.outreach"]


@pytest.fixture
def room() -> Iterator[None]:
    """A registry of models that forgets."""
    with isolate_apps("crm.leads", "crm.deals", "tenants.members", "billing.subscriptions", "guanxi.audit"):
        yield


def made(module: str, name: str, **fields: "models.Field[Any, Any]") -> type[models.Model]:
    """Make a model as if it stood in a module."""
    label = module.split(".")[1]
    meta = type("Meta", (), {"app_label": label})
    return type(name, (models.Model,), {"__module__": f"{module}.models", "Meta": meta, **fields})


@pytest.mark.usefixtures("room")
def test_a_key_upwards_is_caught() -> None:
    lead = made("crm.leads", "BreachLead")
    deal = made("crm.deals", "BreachDeal", lead=models.ForeignKey(lead, models.CASCADE, related_name="+"))
    assert relations.breaches([deal]) == [
        "crm.deals BreachDeal.lead → crm.leads BreachLead: points upwards or sideways"
    ]


@pytest.mark.usefixtures("room")
def test_a_key_sideways_is_caught() -> None:
    deal = made("crm.deals", "BreachDeal")
    bill = made("billing.subscriptions", "BreachBill", deal=models.ForeignKey(deal, models.CASCADE, related_name="+"))
    assert relations.breaches([bill]) == [
        "billing.subscriptions BreachBill.deal → crm.deals BreachDeal: points upwards or sideways"
    ]


@pytest.mark.usefixtures("room")
def test_a_name_on_the_other_side_is_caught() -> None:
    deal = made("crm.deals", "BreachDeal")
    lead = made("crm.leads", "BreachLead", deal=models.ForeignKey(deal, models.CASCADE, related_name="leads"))
    assert relations.breaches([lead]) == [
        "crm.leads BreachLead.deal → crm.deals BreachDeal: leaves a name on the other side"
    ]


@pytest.mark.usefixtures("room")
def test_a_key_out_of_the_kernel_is_caught() -> None:
    member = made("tenants.members", "BreachMember")
    audit = made("guanxi.audit", "BreachAudit", member=models.ForeignKey(member, models.CASCADE, related_name="+"))
    assert relations.breaches([audit]) == [
        "guanxi.audit BreachAudit.member → tenants.members BreachMember: the kernel stores plain ids"
    ]


@pytest.mark.usefixtures("room")
def test_a_key_downwards_passes() -> None:
    deal = made("crm.deals", "BreachDeal")
    lead = made("crm.leads", "BreachLead", deal=models.ForeignKey(deal, models.CASCADE, related_name="+"))
    assert relations.breaches([lead]) == []
