"""Saved views: one's own and the shared ones, changed by their maker alone."""

import pytest

from crm.records.models import SavedView
from crm.records.selectors import visible_views
from crm.records.services import create_saved_view, delete_saved_view, update_saved_view
from guanxi.access import Actor, allows
from guanxi.common.errors import Invalid, NotFound, PermissionDenied
from tests.people import Team


def _view(actor: Actor, name: str = "重点", **more: object) -> SavedView:
    return create_saved_view(actor=actor, kind="lead", name=name, filters={"state": "open"}, columns=["name"], **more)  # type: ignore[arg-type]


def test_who_sees_and_who_changes(team: Team) -> None:
    own, shared = _view(team["rep"]), _view(team["manager"], "全部", shared=True)
    assert {view.pk for view in visible_views(team["rep"], "lead")} == {own.pk, shared.pk}
    assert {view.pk for view in visible_views(team["rep2"], "lead")} == {shared.pk}
    assert not visible_views(team["rep"], "deal").exists()
    for view, actor in ((own, team["owner"]), (shared, team["rep"])):
        with pytest.raises(NotFound):
            update_saved_view(actor=actor, view_id=view.pk, changes={"name": "x"})
        with pytest.raises(NotFound):
            delete_saved_view(actor=actor, view_id=view.pk)


def test_changing_and_removing(rep: Actor) -> None:
    view = _view(rep)
    changed = update_saved_view(
        actor=rep, view_id=view.pk, changes={"name": "新", "filters": {}, "columns": None, "position": 3}
    )
    assert (changed.name, changed.filters, changed.columns, changed.position) == ("新", {}, ["name"], 3)
    with pytest.raises(Invalid):
        update_saved_view(actor=rep, view_id=view.pk, changes={"name": " "})
    delete_saved_view(actor=rep, view_id=view.pk)
    assert not SavedView.objects.filter(pk=view.pk).exists()


def test_sharing_is_a_right_of_its_own(team: Team) -> None:
    from dataclasses import replace

    alone = replace(team["rep"], grants={k: v for k, v in team["rep"].grants.items() if k != "view.share"})
    assert not allows(alone, "view.share")
    with pytest.raises(Invalid) as refused:
        _view(alone, shared=True)
    assert refused.value.fields == {"shared": "not_allowed"}
    view = _view(alone)
    with pytest.raises(Invalid):
        update_saved_view(actor=alone, view_id=view.pk, changes={"shared": True})


def test_a_program_has_no_views(rep: Actor) -> None:
    with pytest.raises(PermissionDenied):
        _view(Actor.system("a program"))
