"""Customers and contacts: written by services, seen inside the scope, found by parts of names."""

import pytest

from crm.customers import selectors, services
from guanxi.access import Actor
from guanxi.common.errors import Invalid, NotFound, PermissionDenied, VersionConflict
from guanxi.events.models import OutboxEvent
from guanxi.tenancy import TenantRef, tenant_scope
from tests.people import Team


def test_create_and_find(team: Team) -> None:
    customer = services.create_customer(
        actor=team["rep"], values={"name": " 杭州 西湖茶业有限公司 ", "phone": "+86 138-0013-8000"}
    )
    assert (customer.name, customer.phone, customer.owner_id) == (
        "杭州 西湖茶业有限公司",
        "13800138000",
        team["rep"].member_id,
    )
    for text in ("西湖", "茶", "xhcy", "8000", "1380013"):
        found = list(selectors.find_customers(team["rep"], {"q": text}))
        assert (found == [customer]) is (text != "1380013"), text
    assert OutboxEvent.objects.filter(kind="customer.created", aggregate_id=customer.pk).count() == 1


def test_scope(team: Team) -> None:
    customer = services.create_customer(actor=team["rep"], values={"name": "Mine"})
    assert selectors.access_customer(team["manager"], customer.pk) == customer
    for stranger in ("rep2",):
        with pytest.raises(NotFound):
            selectors.access_customer(team[stranger], customer.pk)
        with pytest.raises(NotFound):
            services.update_customer(actor=team[stranger], customer_id=customer.pk, changes={"name": "Theirs"})
    with pytest.raises(PermissionDenied):
        services.update_customer(actor=team["agent"], customer_id=customer.pk, changes={"name": "Theirs"})


def test_versions(rep: Actor) -> None:
    customer = services.create_customer(actor=rep, values={"name": "One"})
    changed = services.update_customer(actor=rep, customer_id=customer.pk, changes={"name": "Two"}, version=1)
    assert changed.version == 2
    with pytest.raises(VersionConflict):
        services.update_customer(actor=rep, customer_id=customer.pk, changes={"name": "Three"}, version=1)
    assert selectors.access_customer(rep, customer.pk).name == "Two"


def test_refusals_change_nothing(rep: Actor) -> None:
    with pytest.raises(Invalid):
        services.create_customer(actor=rep, values={"name": "   "})
    customer = services.create_customer(actor=rep, values={"name": "Loop"})
    with pytest.raises(Invalid):
        services.update_customer(actor=rep, customer_id=customer.pk, changes={"parent_id": customer.pk})
    assert selectors.access_customer(rep, customer.pk).parent_id is None


def test_another_tenant_sees_nothing(rep: Actor, beta: TenantRef) -> None:
    customer = services.create_customer(actor=rep, values={"name": "Alpha's"})
    with tenant_scope(beta):
        assert not selectors.find_customers(rep, {"q": "Alpha"}).filter(pk=customer.pk).exists()
