"""Each selector's scope is taken away in turn; the matrix must notice each time."""

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from django.db.models import Q

import bots
import crm
import guanxi
import tenants
from crm.records.visibility import reach_q
from guanxi.access import Actor, ActorKind
from guanxi.common.errors import PermissionDenied
from guanxi.tenancy import tenant_scope
from tenants.members.services import add_member
from tests.isolation.conftest import World, undone
from tests.isolation.scopes import everything_rep2_reaches
from tests.people import actor_named

# Functions of our own that say how far an actor reaches, beside `reach_q`.
REACHES = {("crm.conversations.selectors", "_reach"), ("crm.records.services", "_own_view")}
# What else these need to be called with.
ARGUMENTS: dict[str, dict[str, Any]] = {"visible_views": {"kind": "lead"}, "visible_jobs": {"everyones": True}}
NAMING: dict[str, Callable[[World], dict[str, Any]]] = {
    "visible_titles": lambda world: {"records": [("customer", world.own["customer"])]},
}


def _modules() -> Iterator[ModuleType]:
    for package in (crm, bots, tenants, guanxi):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if {"selectors", "services"} & set(found.name.split(".")):
                yield import_module(found.name)


MODULES = list(_modules())
SCOPED = [module.__name__ for module in MODULES if getattr(module, "reach_q", None) is reach_q]
VISIBLE = sorted(
    {
        (function.__module__, name)
        for module in MODULES
        for name, function in vars(module).items()
        if name.startswith("visible_") and inspect.isfunction(function)
    }
)


@pytest.fixture(scope="module")
def reached(world: World) -> dict[str, Any]:
    """What rep2 reaches as things are."""
    return everything_rep2_reaches(world)


def _is_noticed(world: World, reached: dict[str, Any]) -> bool:
    return everything_rep2_reaches(world) != reached


@pytest.mark.parametrize("module", SCOPED)
def test_a_removed_scope_is_noticed(
    world: World, reached: dict[str, Any], module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{module}.reach_q", lambda *_, **__: Q())
    assert _is_noticed(world, reached)


@pytest.mark.parametrize(("module", "name"), sorted(REACHES), ids=lambda value: str(value).rpartition(".")[2])
def test_a_removed_reach_is_noticed(
    world: World, reached: dict[str, Any], module: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "_reach":
        monkeypatch.setattr(f"{module}.{name}", lambda *_: Q())
    else:
        from crm.records.models import SavedView

        monkeypatch.setattr(f"{module}.{name}", lambda _actor, pk: SavedView.objects.get(pk=pk))
    assert _is_noticed(world, reached)


def test_nothing_is_noticed_where_nothing_is_removed(world: World, reached: dict[str, Any]) -> None:
    assert not _is_noticed(world, reached)


def test_every_scoped_module_is_here() -> None:
    assert {name.split(".")[1] for name in SCOPED} >= {"customers", "leads", "deals", "activities", "conversations"}


def _rows(call: Any, actor: Actor, arguments: dict[str, Any]) -> int:
    try:
        return len(list(call(actor, **arguments)))
    except PermissionDenied:
        return 0


@pytest.mark.parametrize(("module", "name"), VISIBLE, ids=lambda value: str(value).rpartition(".")[2])
def test_whoever_may_nothing_sees_nothing(world: World, module: str, name: str) -> None:
    """Also where the permission alone decides, the selector itself asks for it; the owner sees that rows are there."""
    call = getattr(import_module(module), name)
    arguments = NAMING[name](world) if name in NAMING else ARGUMENTS.get(name, {})
    with undone(), tenant_scope(world.alpha):
        # A newcomer: nobody has told, asked or entrusted anything yet that would be one's own without a permission.
        newcomer = add_member(actor=actor_named("owner"), email="newcomer@example.com", name="Newcomer", roles=["rep"])
        powerless = Actor(ActorKind.MEMBER, world.alpha, member_id=newcomer.pk)
        seen = _rows(call, powerless, arguments)
        # Everybody knows at least oneself.
        assert seen == (1 if name == "visible_members" else 0), f"{name} shows {seen} rows to nobody"
        assert _rows(call, actor_named("owner"), arguments) > seen
