"""What hangs on a deal: lines whose sum may drive the amount, parts of contacts, rivals; and lists in few queries."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from crm.customers.services import create_contact, create_customer
from crm.deals.models import Deal, LossReason
from crm.deals.selectors import find_deals, loss_reasons, parts_of, stages_of
from crm.deals.selectors import pipelines as all_pipelines
from crm.deals.services import (
    create_competitor,
    create_deal,
    create_loss_reason,
    move_deal,
    order_loss_reasons,
    set_competitors,
    set_contacts,
    set_lines,
    update_competitor,
    update_deal,
    update_loss_reason,
)
from crm.deals.services.parts import line_amount
from guanxi.access import Actor
from guanxi.common.errors import Conflict, Invalid, NotFound, PermissionDenied, VersionConflict
from tests.people import Team


def _deal(actor: Actor, **values: Any) -> Deal:
    return create_deal(actor=actor, values={"name": "100 盒礼盒", **values})


def test_lines_drive_the_amount_when_told(rep: Actor) -> None:
    deal = _deal(rep, amount=7)
    lines = [
        {"name": "龙井", "quantity": Decimal(3), "unit_price": Decimal("19.99"), "discount": Decimal(10)},
        {"name": "手提袋", "quantity": Decimal(100), "unit_price": Decimal("0.50"), "discount": Decimal(0)},
    ]
    set_lines(actor=rep, deal_id=deal.pk, lines=lines)
    assert Deal.objects.get(pk=deal.pk).amount == 7
    set_lines(actor=rep, deal_id=deal.pk, lines=lines, drive_amount=True)
    assert Deal.objects.get(pk=deal.pk).amount == Decimal("103.97")
    assert [(line.name, line.amount) for line in parts_of(rep, deal.pk).lines] == [
        ("龙井", Decimal("53.97")),
        ("手提袋", Decimal("50.00")),
    ]
    with pytest.raises(Invalid) as refused:
        update_deal(actor=rep, deal_id=deal.pk, changes={"amount": Decimal(1)})
    assert refused.value.code == "amount_from_lines"
    with pytest.raises(VersionConflict):
        set_lines(actor=rep, deal_id=deal.pk, lines=[], version=1)
    set_lines(actor=rep, deal_id=deal.pk, lines=[])
    assert update_deal(actor=rep, deal_id=deal.pk, changes={"amount": Decimal(1)}).amount == 1


@given(
    quantity=st.decimals("0.001", "99999", places=3),
    price=st.decimals(0, "999999.99", places=2),
    discount=st.decimals(0, 100, places=2),
)
def test_a_line_is_never_more_than_its_price(quantity: Decimal, price: Decimal, discount: Decimal) -> None:
    amount = line_amount(quantity, price, discount)
    assert 0 <= amount <= quantity * price + Decimal("0.005")
    assert amount == amount.quantize(Decimal("0.01"))


def test_contacts_play_parts(team: Team) -> None:
    rep = team["rep"]
    customer = create_customer(actor=rep, values={"name": "西湖茶业"})
    buyer, user = (create_contact(actor=rep, values={"name": name}, customer_id=customer.pk) for name in ("Li", "Wu"))
    deal = _deal(rep, customer_id=customer.pk)
    set_contacts(
        actor=rep,
        deal_id=deal.pk,
        contacts=[{"contact_id": buyer.pk, "role": "decider"}, {"contact_id": user.pk, "role": "user"}],
    )
    set_contacts(actor=rep, deal_id=deal.pk, contacts=[{"contact_id": buyer.pk, "role": "payer", "note": "签字"}])
    assert [(row.contact.name, row.role, row.note) for row in parts_of(rep, deal.pk).contacts] == [
        ("Li", "payer", "签字")
    ]
    with pytest.raises(Invalid):
        set_contacts(actor=rep, deal_id=deal.pk, contacts=[{"contact_id": buyer.pk}, {"contact_id": buyer.pk}])
    theirs = create_contact(actor=team["owner"], values={"name": "Zhao"})
    with pytest.raises(NotFound):
        set_contacts(actor=rep, deal_id=deal.pk, contacts=[{"contact_id": theirs.pk}])
    with pytest.raises(NotFound):
        set_contacts(actor=team["rep2"], deal_id=deal.pk, contacts=[])


def test_rivals_come_from_the_list(team: Team) -> None:
    rep, deal = team["rep"], _deal(team["rep"])
    rival = create_competitor(actor=rep, values={"name": "江南茶业", "strengths": "便宜"})
    with pytest.raises(Conflict):
        create_competitor(actor=rep, values={"name": " 江南茶业 "})
    set_competitors(actor=rep, deal_id=deal.pk, competitors=[{"competitor_id": rival.pk, "strengths": "快"}])
    with pytest.raises(PermissionDenied):
        update_competitor(actor=rep, competitor_id=rival.pk, changes={"archived": True})
    update_competitor(actor=team["owner"], competitor_id=rival.pk, changes={"archived": True})
    set_competitors(actor=rep, deal_id=deal.pk, competitors=[{"competitor_id": rival.pk}])
    with pytest.raises(NotFound):
        set_competitors(actor=rep, deal_id=_deal(rep).pk, competitors=[{"competitor_id": rival.pk}])


def test_the_reasons_are_the_tenants_own(team: Team) -> None:
    owner, rep = team["owner"], team["rep"]
    assert LossReason.objects.filter(name="价格").exists(), "a workspace begins with a list"
    mine = create_loss_reason(actor=owner, name="交期太长")
    order_loss_reasons(actor=owner, ids=[mine.pk])
    assert loss_reasons()[0] == mine
    deal = _deal(rep)
    lost = stages_of(deal.pipeline)[-1]
    gone = move_deal(actor=rep, deal_id=deal.pk, stage_id=lost.pk, loss_reason_id=mine.pk, note="要两周内")
    assert (gone.lost_reason, gone.lost_note, gone.loss_reason_id) == ("交期太长", "要两周内", mine.pk)
    update_loss_reason(actor=owner, reason_id=mine.pk, name="交期", archived=True)
    assert Deal.objects.get(pk=deal.pk).lost_reason == "交期太长", "the words of then stay"
    with pytest.raises(NotFound):
        move_deal(actor=rep, deal_id=_deal(rep).pk, stage_id=lost.pk, loss_reason_id=mine.pk)
    with pytest.raises(PermissionDenied):
        create_loss_reason(actor=rep, name="x")


def test_how_many_queries_pages_cost(rep: Actor, browser_of: Any) -> None:
    client = browser_of("alpha", "rep")
    deal = _deal(rep)
    for one in (deal, _deal(rep), _deal(rep)):
        set_lines(actor=rep, deal_id=one.pk, lines=[{"name": "a"}, {"name": "b"}])
    counts: dict[str, int] = {}
    for more in range(2):
        for path in (
            "/pipelines",
            f"/deals/{deal.pk}/parts",
            f"/deals/{deal.pk}/stages",
            "/deals?no_next_step=true",
            "/calendar",
        ):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/api/v1{path}").status_code == 200
            assert counts.setdefault(path, len(queries)) >= len(queries), (path, counts)
        if not more:
            for _ in range(5):
                set_lines(actor=rep, deal_id=_deal(rep).pk, lines=[{"name": "c"}])
    assert len(list(all_pipelines())) == 1 and find_deals(rep, {"no_next_step": True}).count() == 8
