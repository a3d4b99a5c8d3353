"""Tasks, timers, subscribers, sockets: each run in alpha's scope with ids that beta has, too or alone."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from celery import current_app
from celery.exceptions import Retry
from django.core.exceptions import ObjectDoesNotExist

from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Problem
from guanxi.events import registry as subscribers
from guanxi.events.types import Event
from guanxi.jobs.base import TenantTask
from guanxi.realtime import registry as live
from guanxi.tenancy import tenant_scope
from guanxi.timers import registry as timers
from tests.isolation.conftest import World, undone
from tests.isolation.seeding import Ids
from tests.people import actor_named

# What an argument of a task names.
ARGUMENTS = {
    "message_id": "message", "domain_id": "domain", "channel_id": "wechat", "job_id": "failed_job",
    "ref_id": "customer", "sign_up_id": "customer", "event_id": "customer", "delivery_id": "delivery",
}  # fmt: skip
WORDS = {"media_id": "media-of-nobody"}
SKIPS = {
    "workspaces.refill_spares": "makes a schema that is nobody's yet; takes no id",
    "guanxi.jobs.run_daily": "visits every tenant; the tenant's part of it, run_tenant_daily, has its case",
}
# Every id that an event's data may carry.
EVENT_DATA = (
    "message_id", "conversation_id", "customer_id", "contact_id", "deal_id", "activity_id", "member_id", "task_id",
)  # fmt: skip


def _tasks() -> dict[str, TenantTask]:
    current_app.loader.import_default_modules()
    # Other tests bring tasks of their own into the same process.
    ours = {name: task for name, task in current_app.tasks.items() if isinstance(task, TenantTask)}
    return {name: task for name, task in ours.items() if not task.__module__.startswith("tests.")}


TASKS = _tasks()


@contextmanager
def _in_alpha(world: World) -> Iterator[None]:
    """Run the block as a worker of alpha; a refusal is as good as nothing; beta must stay as it is."""
    with undone(), tenant_scope(world.alpha):
        with suppress(Problem, Retry, ObjectDoesNotExist):
            yield
        assert world.untouched(), world.changed()


def _arguments(task: TenantTask, ids: Ids) -> list[Any]:
    names = [name for name in inspect.signature(task.run).parameters if name != "self"]
    return [WORDS[name] if name in WORDS else ids[ARGUMENTS[name]] for name in names]


@pytest.mark.parametrize("name", sorted(set(TASKS) - set(SKIPS)))
@pytest.mark.parametrize("whose", ["own", "foreign"])
def test_a_task_of_alpha_changes_nothing_of_beta(world: World, name: str, whose: str) -> None:
    with _in_alpha(world):
        # The ids of alpha are beta's too: a task in the wrong schema would find them there.
        TASKS[name].apply(args=_arguments(TASKS[name], getattr(world, whose)), throw=True)


def test_every_task_has_a_case() -> None:
    assert len(TASKS) >= 8
    assert set(SKIPS) <= set(TASKS) and len(SKIPS) <= 5


@pytest.mark.parametrize("kind", sorted(timers._handlers))
@pytest.mark.parametrize("whose", ["own", "foreign"])
def test_a_timer_of_alpha_changes_nothing_of_beta(world: World, kind: str, whose: str) -> None:
    handler = timers.handler_of(kind)
    assert handler is not None
    for ref_id in sorted(set(getattr(world, whose).values())):
        with _in_alpha(world):
            handler(ref_id)


@pytest.mark.parametrize("subscriber", subscribers._subscribers.values(), ids=lambda each: each.name)
@pytest.mark.parametrize("whose", ["own", "foreign"])
def test_an_event_of_alpha_changes_nothing_of_beta(world: World, subscriber: Any, whose: str) -> None:
    ids = getattr(world, whose)
    data = {name: ids[name.removesuffix("_id")] for name in EVENT_DATA}
    for kind in subscriber.kinds:
        what = kind.split(".")[0]
        aggregate = ids.get(what, ids["customer"])
        event = Event(1, kind, world.alpha, what, aggregate, clock.now(), {**data, "to": ids["member"]})
        with _in_alpha(world):
            subscriber.handler(event)


@pytest.mark.parametrize("kind", sorted(live._member_messages))
def test_a_message_of_alphas_page_reaches_nothing_of_beta(world: World, kind: str) -> None:
    with _in_alpha(world):
        rep: Actor = actor_named("rep")
        handler = live.member_message_handler(kind)
        assert handler is not None
        for ids in (world.foreign, world.own):
            handler(rep, {"type": kind, "conversation": ids["conversation"], "conversation_id": ids["conversation"]})


@pytest.mark.parametrize("kind", sorted(live._channels))
def test_nobody_of_alpha_may_listen_to_a_channel_of_beta(world: World, kind: str) -> None:
    audience_of = live.audience_of_channel(kind)
    assert audience_of is not None
    with tenant_scope(world.alpha):
        assert audience_of(world.own[kind]) is not None
        assert audience_of(world.foreign[kind]) is None


def test_the_alarm_rings(world: World) -> None:
    """The same handler in beta's own scope does change beta, and the digest shows it."""
    handler = timers.handler_of("task.reminder")
    assert handler is not None
    with undone(), tenant_scope(world.beta):
        handler(world.own["task"])
        assert "t_beta_tea.notifications_notification" in world.changed()
    assert world.untouched()
