"""Pipelines: what stages ask for and allow, stages that merge with histories kept, limits that warn once."""

from datetime import timedelta
from typing import Any

import pytest

from crm.deals.models import Deal, Pipeline, Stage
from crm.deals.selectors import find_deals, stages_of, stays
from crm.deals.services import (
    archive_deal,
    archive_pipeline,
    assign_deal,
    create_deal,
    create_pipeline,
    create_stage,
    delete_stage,
    merge_stage,
    move_deal,
    order_pipelines,
    order_stages,
    restore_pipeline,
    set_lines,
    update_pipeline,
    update_stage,
)
from crm.records.models import StateChange
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound, PermissionDenied, VersionConflict
from guanxi.notifications.models import Notification
from guanxi.tenancy import TenantRef
from tests.crm.makers import at_once, go_by
from tests.people import Team


def _home() -> Pipeline:
    return Pipeline.objects.get(is_default=True)


def _stages() -> list[Stage]:
    return stages_of(_home())


def _deal(actor: Actor, **values: Any) -> Deal:
    return create_deal(actor=actor, values={"name": "100 盒礼盒", **values})


def test_only_who_manages_pipelines_changes_them(team: Team) -> None:
    stage, rep = _stages()[0], team["rep"]
    for act in (
        lambda: create_pipeline(actor=rep, name="x", stages=[]),
        lambda: update_pipeline(actor=rep, pipeline_id=_home().pk, name="x"),
        lambda: archive_pipeline(actor=rep, pipeline_id=_home().pk),
        lambda: create_stage(actor=rep, pipeline_id=_home().pk, values={"name": "x"}),
        lambda: update_stage(actor=rep, stage_id=stage.pk, changes={"name": "x"}),
        lambda: merge_stage(actor=rep, stage_id=stage.pk, into_id=_stages()[1].pk),
        lambda: delete_stage(actor=rep, stage_id=stage.pk),
        lambda: order_stages(actor=rep, pipeline_id=_home().pk, ids=[]),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_stages_that_may_follow(team: Team) -> None:
    first, second, third, fourth, won, lost = _stages()
    update_stage(actor=team["owner"], stage_id=first.pk, changes={"next_stages": [second.pk]})
    deal = _deal(team["rep"], amount=5)
    with pytest.raises(Invalid) as refused:
        move_deal(actor=team["rep"], deal_id=deal.pk, stage_id=third.pk)
    assert refused.value.code == "move_not_allowed"
    assert refused.value.params == {"from": first.name, "to": third.name}
    assert Deal.objects.get(pk=deal.pk).stage_id == first.pk
    move_deal(actor=team["rep"], deal_id=deal.pk, stage_id=second.pk)
    other = _deal(team["rep"])
    gone = move_deal(actor=team["rep"], deal_id=other.pk, stage_id=lost.pk, lost_reason="价格")
    assert gone.stage_id == lost.pk, "losing is always allowed"
    assert gone.loss_reason is not None and gone.loss_reason.name == gone.lost_reason == "价格"
    with pytest.raises(Invalid) as strange:
        update_stage(actor=team["owner"], stage_id=first.pk, changes={"next_stages": [0]})
    assert strange.value.code == "unknown_stage" and fourth.pk and won.pk


def test_going_back_needs_what_the_stage_says(team: Team) -> None:
    first, second, *_ = _stages()
    deal = _deal(team["rep"])
    move_deal(actor=team["rep"], deal_id=deal.pk, stage_id=second.pk)
    update_stage(actor=team["owner"], stage_id=second.pk, changes={"back_policy": "never"})
    with pytest.raises(Invalid) as never:
        move_deal(actor=team["rep"], deal_id=deal.pk, stage_id=first.pk, note="x")
    assert never.value.code == "move_back_never"
    update_stage(actor=team["owner"], stage_id=second.pk, changes={"back_policy": "reason"})
    with pytest.raises(Invalid) as bare:
        move_deal(actor=team["rep"], deal_id=deal.pk, stage_id=first.pk)
    assert bare.value.code == "move_back_needs_reason"
    back = move_deal(actor=team["rep"], deal_id=deal.pk, stage_id=first.pk, note="需求变了")
    assert back.stage_id == first.pk
    assert stays(team["rep"], deal.pk)[-1].note == "需求变了"


def test_a_stage_asks_for_lines_and_for_nothing_unknown(team: Team) -> None:
    second = _stages()[1]
    update_stage(actor=team["owner"], stage_id=second.pk, changes={"required_fields": ["lines", "lines"]})
    assert Stage.objects.get(pk=second.pk).required_fields == ["lines"]
    deal = _deal(team["rep"])
    with pytest.raises(Invalid) as missing:
        move_deal(actor=team["rep"], deal_id=deal.pk, stage_id=second.pk)
    assert missing.value.fields == {"lines": "missing"}
    set_lines(actor=team["rep"], deal_id=deal.pk, lines=[{"name": "龙井"}])
    assert move_deal(actor=team["rep"], deal_id=deal.pk, stage_id=second.pk).stage_id == second.pk
    with pytest.raises(Invalid):
        update_stage(actor=team["owner"], stage_id=second.pk, changes={"required_fields": ["owner_id"]})


def test_merging_moves_deals_and_keeps_their_histories(team: Team) -> None:
    owner, rep = team["owner"], team["rep"]
    first, second, third, *_, lost = _stages()
    update_stage(actor=owner, stage_id=first.pk, changes={"next_stages": [second.pk]})
    with clock.at(clock.now() - timedelta(days=5)):
        deals = [_deal(rep) for _ in range(3)]
        for deal in deals:
            move_deal(actor=rep, deal_id=deal.pk, stage_id=second.pk)
        archive_deal(actor=owner, deal_id=deals[2].pk)
    entered = Deal.objects.get(pk=deals[0].pk).stage_entered_at
    with pytest.raises(Conflict) as used:
        delete_stage(actor=owner, stage_id=second.pk)
    assert (used.value.code, used.value.params) == ("stage_in_use", {"count": 3})
    with pytest.raises(Invalid):
        merge_stage(actor=owner, stage_id=second.pk, into_id=lost.pk)
    merge_stage(actor=owner, stage_id=second.pk, into_id=third.pk)
    assert second.pk not in {stage.pk for stage in _stages()}
    assert Stage.objects.get(pk=first.pk).next_stages == [third.pk], "who could go there can go to what it became"
    for deal in deals:
        now = Deal.objects.get(pk=deal.pk)
        assert (now.stage_id, now.stage_entered_at) == (third.pk, entered)
        log = stays(owner, deal.pk)
        assert [stay.name for stay in log] == [first.name, second.name, third.name], "the merged stage keeps its name"
        step = StateChange.objects.filter(kind="deal", record_id=deal.pk).order_by("-id")[0]
        assert abs((step.seconds_before or 0) - 5 * 86_400) < 5
    with pytest.raises(NotFound):
        move_deal(actor=rep, deal_id=deals[0].pk, stage_id=second.pk)


def test_a_pipeline_keeps_a_way_and_both_ends(team: Team) -> None:
    owner = team["owner"]
    *_, won, lost = _stages()
    for stage in (won, lost):
        with pytest.raises(Conflict) as refused:
            delete_stage(actor=owner, stage_id=stage.pk)
        assert refused.value.code == "pipeline_incomplete"
    fresh = create_stage(actor=owner, pipeline_id=_home().pk, values={"name": "试用"})
    names = [stage.name for stage in _stages()]
    assert names.index("试用") == len(names) - 3, "a new open stage comes before the ends"
    ids = [stage.pk for stage in _stages()]
    with pytest.raises(Invalid):
        order_stages(actor=owner, pipeline_id=_home().pk, ids=[ids[-1], *ids[:-1]])
    turned = [fresh.pk, *[pk for pk in ids if pk != fresh.pk]]
    order_stages(actor=owner, pipeline_id=_home().pk, ids=turned)
    assert [stage.pk for stage in _stages()] == turned
    delete_stage(actor=owner, stage_id=fresh.pk)


def test_several_pipelines(team: Team) -> None:
    owner = team["owner"]
    kinds = [{"name": kind, "kind": kind} for kind in ("won", "lost", "open")]
    other = create_pipeline(actor=owner, name="渠道伙伴", stages=kinds)
    assert [stage.kind for stage in stages_of(other)] == ["open", "won", "lost"]
    deal = create_deal(actor=team["rep"], values={"name": "x"}, pipeline_id=other.pk)
    with pytest.raises(Conflict) as used:
        archive_pipeline(actor=owner, pipeline_id=other.pk)
    assert used.value.code == "pipeline_in_use"
    with pytest.raises(Conflict):
        archive_pipeline(actor=owner, pipeline_id=_home().pk)
    home = _home()
    order_pipelines(actor=owner, ids=[other.pk, home.pk])
    update_pipeline(actor=owner, pipeline_id=other.pk, is_default=True)
    assert list(Pipeline.objects.filter(is_default=True)) == [other]
    update_pipeline(actor=owner, pipeline_id=home.pk, is_default=True)
    archive_deal(actor=owner, deal_id=deal.pk)
    archive_pipeline(actor=owner, pipeline_id=other.pk)
    with pytest.raises(NotFound):
        create_deal(actor=team["rep"], values={"name": "x"}, pipeline_id=other.pk)
    restore_pipeline(actor=owner, pipeline_id=other.pk)
    assert create_deal(actor=team["rep"], values={"name": "x"}, pipeline_id=other.pk).pipeline_id == other.pk


def test_a_stuck_deal_is_told_of_once(rep: Actor) -> None:
    first, second, *_ = _stages()
    deal = _deal(rep)
    told = Notification.objects.filter(kind="deal_stuck", member_id=rep.member_id or 0)
    limit = clock.now() + timedelta(days=first.max_days or 0)
    go_by(limit - timedelta(hours=1))
    assert not told.all() and not find_deals(rep, {"stuck": True}).exists()
    go_by(limit + timedelta(hours=1))
    go_by(limit + timedelta(days=3))
    assert told.count() == 1
    with clock.at(limit + timedelta(days=1)):
        assert [one.pk for one in find_deals(rep, {"stuck": True})] == [deal.pk]
        move_deal(actor=rep, deal_id=deal.pk, stage_id=second.pk)
        assert not find_deals(rep, {"stuck": True}).exists()
    go_by(limit + timedelta(days=2 + (second.max_days or 0)))
    assert told.count() == 2, "a new stay is warned of anew"


def test_a_shorter_limit_counts_for_deals_that_are_there(team: Team) -> None:
    first = _stages()[0]
    deal = _deal(team["rep"])
    update_stage(actor=team["owner"], stage_id=first.pk, changes={"max_days": 2})
    go_by(clock.now() + timedelta(minutes=1))
    go_by(clock.now() + timedelta(days=2, minutes=1))
    assert Notification.objects.filter(kind="deal_stuck", record_id=deal.pk).count() == 1
    update_stage(actor=team["owner"], stage_id=first.pk, changes={"max_days": None})
    assert Deal.objects.get(pk=deal.pk).stuck_at is None


def test_a_new_owner_keeps_the_stay(team: Team) -> None:
    deal = _deal(team["rep"])
    before = Deal.objects.get(pk=deal.pk)
    log = stays(team["manager"], deal.pk)
    with clock.at(clock.now() + timedelta(days=1)):
        assign_deal(actor=team["manager"], deal_id=deal.pk, owner_id=team["rep2"].member_id or 0)
    after = Deal.objects.get(pk=deal.pk)
    assert (after.stage_id, after.stage_entered_at, after.stuck_at) == (
        before.stage_id, before.stage_entered_at, before.stuck_at,
    )  # fmt: skip
    assert [stay.entered_at for stay in stays(team["manager"], deal.pk)] == [stay.entered_at for stay in log]


@pytest.mark.committed
def test_of_two_moves_at_once_one_wins(alpha: TenantRef, team: Team) -> None:
    deal, stages, rep = _deal(team["rep"]), _stages(), team["rep"]
    results = at_once(
        alpha,
        *[
            lambda stage=stage: move_deal(actor=rep, deal_id=deal.pk, stage_id=stage.pk, version=deal.version)
            for stage in (stages[1], stages[4])
        ],
    )
    assert sorted(type(result).__name__ for result in results) == ["Deal", "VersionConflict"]
    assert any(isinstance(result, VersionConflict) for result in results)
    now = Deal.objects.get(pk=deal.pk)
    steps = StateChange.objects.filter(kind="deal", record_id=deal.pk, field="stage").order_by("id")
    assert [step.after for step in steps][-1] == str(now.stage_id) and steps.count() == 2
    assert now.version == deal.version + 1
