"""Deals: what a stage asks for, what a move leaves behind, and a board whose totals are those of the list."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.activities.selectors import timeline
from crm.customers.services import create_customer
from crm.deals.models import Deal, Pipeline, Stage
from crm.deals.selectors import access_deal, board, find_deals, visible_deals
from crm.deals.services import (
    archive_deal,
    assign_deal,
    create_deal,
    create_pipeline,
    move_deal,
    update_deal,
    update_stage,
)
from crm.records.models import StateChange
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Invalid, NotFound, VersionConflict
from guanxi.events.models import OutboxEvent
from tests.people import Team


def _stages() -> list[Stage]:
    return list(Pipeline.objects.get(is_default=True).stages.order_by("position"))


def _deal(actor: Actor, **values: Any) -> Deal:
    return create_deal(actor=actor, values={"name": "100 盒礼盒", **values})


def _steps(deal: Deal) -> list[tuple[str, str]]:
    rows = StateChange.objects.filter(kind="deal", record_id=deal.pk, field="stage").order_by("id")
    return list(rows.values_list("before", "after"))


def test_a_new_deal_is_in_the_first_open_stage(rep: Actor) -> None:
    deal = _deal(rep)
    first = _stages()[0]
    assert (deal.stage_id, deal.owner_id, _steps(deal)) == (first.pk, rep.member_id, [("", str(first.pk))])


def test_a_stage_asks_for_its_fields(rep: Actor) -> None:
    deal, quoted, negotiation = _deal(rep), _stages()[2], _stages()[3]
    with pytest.raises(Invalid) as missing:
        move_deal(actor=rep, deal_id=deal.pk, stage_id=negotiation.pk)
    assert missing.value.fields == {"amount": "missing", "expected_close_on": "missing"}
    assert missing.value.params == {"stage": negotiation.name}
    assert Deal.objects.get(pk=deal.pk).stage_id == deal.stage_id and len(_steps(deal)) == 1
    with pytest.raises(Invalid):
        move_deal(actor=rep, deal_id=deal.pk, stage_id=quoted.pk, fields={"amount": Decimal(0)})
    brought = {"amount": Decimal(5000), "expected_close_on": date(2030, 1, 1)}
    moved = move_deal(actor=rep, deal_id=deal.pk, stage_id=negotiation.pk, fields=brought)
    assert (moved.stage_id, moved.amount, moved.expected_close_on) == (negotiation.pk, Decimal(5000), date(2030, 1, 1))


def test_lost_needs_a_reason_and_opening_again_forgets_it(rep: Actor) -> None:
    deal, stages = _deal(rep), _stages()
    lost = stages[5]
    with pytest.raises(Invalid) as missing:
        move_deal(actor=rep, deal_id=deal.pk, stage_id=lost.pk, lost_reason="  ")
    assert missing.value.code == "lost_reason_missing"
    ended = move_deal(actor=rep, deal_id=deal.pk, stage_id=lost.pk, lost_reason="太贵")
    assert ended.closed_at is not None and ended.lost_reason == "太贵"
    again = move_deal(actor=rep, deal_id=deal.pk, stage_id=stages[0].pk)
    assert (again.closed_at, again.lost_reason) == (None, "")
    kinds = OutboxEvent.objects.filter(aggregate_kind="deal", aggregate_id=deal.pk).order_by("id")
    assert list(kinds.values_list("kind", flat=True)) == [
        "deal.created", "deal.stage_changed", "deal.lost", "deal.stage_changed", "deal.reopened",
    ]  # fmt: skip


def test_how_long_a_deal_was_in_its_stage(rep: Actor) -> None:
    deal, stages = _deal(rep), _stages()
    with clock.at(clock.now() + timedelta(days=2)):
        move_deal(actor=rep, deal_id=deal.pk, stage_id=stages[1].pk)
    step = StateChange.objects.filter(kind="deal", record_id=deal.pk).order_by("-id")[0]
    assert abs((step.seconds_before or 0) - 2 * 86_400) <= 2
    before = _steps(deal)
    assert move_deal(actor=rep, deal_id=deal.pk, stage_id=stages[1].pk).version == deal.version + 1
    assert _steps(deal) == before, "a move to where it is already is none"


def test_a_stage_of_another_pipeline_is_not_there(team: Team) -> None:
    kinds = [{"name": kind, "kind": kind} for kind in ("open", "won", "lost")]
    other = create_pipeline(actor=team["owner"], name="Other", stages=kinds)
    deal = _deal(team["rep"])
    with pytest.raises(NotFound):
        move_deal(actor=team["rep"], deal_id=deal.pk, stage_id=other.stages.order_by("position")[0].pk)
    with pytest.raises(NotFound):
        create_deal(actor=team["rep"], values={"name": "x"}, pipeline_id=other.pk, stage_id=deal.stage_id)
    with pytest.raises(Invalid) as half:
        create_pipeline(actor=team["owner"], name="Half", stages=kinds[:2])
    assert half.value.code == "pipeline_incomplete"


def test_a_lost_update_is_refused(rep: Actor) -> None:
    deal = _deal(rep)
    update_deal(actor=rep, deal_id=deal.pk, changes={"name": "new"}, version=1)
    acts: tuple[Callable[[], Deal], ...] = (
        lambda: update_deal(actor=rep, deal_id=deal.pk, changes={"name": "late"}, version=1),
        lambda: move_deal(actor=rep, deal_id=deal.pk, stage_id=_stages()[1].pk, version=1),
    )
    for act in acts:
        with pytest.raises(VersionConflict):
            act()
    assert access_deal(rep, deal.pk).name == "new" and len(_steps(deal)) == 1


def test_a_new_owner_touches_neither_stage_nor_history(team: Team) -> None:
    deal = _deal(team["rep"])
    before = (_steps(deal), deal.stage_id, Deal.objects.get(pk=deal.pk).stage_entered_at)
    moved = assign_deal(actor=team["manager"], deal_id=deal.pk, owner_id=team["rep2"].member_id or 0)
    assert moved.owner_id == team["rep2"].member_id
    assert (_steps(deal), moved.stage_id, Deal.objects.get(pk=deal.pk).stage_entered_at) == before
    with pytest.raises(NotFound):
        access_deal(team["rep"], deal.pk)


def test_the_owner_of_a_customer_sees_every_deal_of_it(team: Team) -> None:
    customer = create_customer(actor=team["rep"], values={"name": "西湖茶业"})
    deal = create_deal(
        actor=team["manager"], values={"name": "x", "customer_id": customer.pk}, owner_id=team["rep2"].member_id
    )
    assert access_deal(team["rep"], deal.pk).pk == deal.pk
    assert update_deal(actor=team["rep"], deal_id=deal.pk, changes={"name": "y"}).name == "y"
    with pytest.raises(NotFound):
        archive_deal(actor=team["rep"], deal_id=deal.pk)
    assert [found.pk for found in find_deals(team["rep"], {"q": "西湖"})] == [deal.pk]
    assert "deal.created" in timeline(team["rep"], "customer", customer.pk).values_list("activity__event", flat=True)


def test_a_stage_changes_and_stays_in_its_pipeline(team: Team) -> None:
    stage = _stages()[1]
    changed = update_stage(actor=team["owner"], stage_id=stage.pk, changes={"name": "Deep", "probability": 40})
    assert (changed.name, changed.probability, changed.pipeline_id) == ("Deep", 40, stage.pipeline_id)


AMOUNTS = st.decimals(min_value=0, max_value=Decimal("99999999.99"), places=2)
PLACED = st.tuples(st.integers(0, 5), AMOUNTS, st.sampled_from(("rep", "rep2", "owner")), st.booleans())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(placed=st.lists(PLACED, max_size=12), viewer=st.sampled_from(("rep", "manager", "owner")))
def test_the_totals_of_the_board_are_those_of_the_list(team: Team, placed: list[Any], viewer: str) -> None:
    Deal.objects.all().delete()
    stages = _stages()
    for place, amount, owner, archived in placed:
        deal = _deal(team[owner], amount=amount)
        Deal.objects.filter(pk=deal.pk).update(stage=stages[place])
        if archived:
            archive_deal(actor=team["owner"], deal_id=deal.pk)
    actor = team[viewer]
    columns = board(actor, None, {})
    assert [column.stage.pk for column in columns] == [stage.pk for stage in stages]
    for column in columns:
        listed = list(find_deals(actor, {"stage_id": column.stage.pk}))
        assert column.count == len(listed) == len(column.deals)
        assert column.total == sum((deal.amount for deal in listed), Decimal(0))
        assert column.weighted == (column.total * column.stage.probability / 100).quantize(Decimal("0.01"))
        assert {deal.pk for deal in column.deals} == {deal.pk for deal in listed}
    assert sum(column.count for column in columns) == visible_deals(actor).filter(archived_at__isnull=True).count()


def test_a_long_column_goes_on_in_the_list(rep: Actor, browser_of: Any) -> None:
    for number in range(33):
        _deal(rep, amount=number)
    column = board(rep, None, {})[0]
    assert (column.count, len(column.deals)) == (33, 30) and column.next
    client = browser_of("alpha", "rep")
    rest = client.get("/api/v1/deals", {"stage_id": column.stage.pk, "cursor": column.next}).json()
    assert rest["next"] is None
    ids = [deal.pk for deal in column.deals] + [deal["id"] for deal in rest["items"]]
    assert len(set(ids)) == 33
