"""Every operation of the API, on both mounts: another tenant's id finds nothing, changes nothing and tells nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from ninja import Schema

from tests.isolation.bodies import Bodies, id_places, is_id, named, openapi, operations, query_of
from tests.isolation.cases import EMPTY_INSTEAD, SKIPS, Case, all_cases, all_routes
from tests.isolation.conftest import BETA, World, undone

CASES = all_cases()
NAMING = [case for case in CASES if case.ids]
WRITING = [case for case in CASES if case.writes and id_places(case.route.operation_id)]
LISTING = [case for case in CASES if not case.writes]
# Ids in a body that choose among one's own, so that a foreign one chooses nothing.
OURS = ("crm", "bots", "tenants", "guanxi")
CHOOSING = {
    ("exports_create", ("ids",)),
    ("notifications_read", ("ids",)),
    ("handovers_create", ("chosen[]", "record_ids")),
    ("handovers_preview", ("chosen[]", "record_ids")),
}
# What a filter is asked with: an id alone, without its kind, may by chance be that of another kind of one's own.
BESIDE = {("audit_list", "record_id"): {"kind": "customer"}}


def _client(world: World, case: Case) -> Any:
    return world.clients["owner" if case.mount == "page" else "key"]


def _told_nothing(answer: Any) -> None:
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert BETA.lower() not in text.decode(errors="replace").lower(), text


@pytest.mark.parametrize("case", CASES, ids=str)
def test_own_is_reached(world: World, case: Case) -> None:
    """The positive case: without it a refusal proves nothing."""
    own = world.mine()
    with undone():
        answer = case.send(_client(world, case), case.url(own), case.body(own))
        assert world.untouched(), world.changed()
    if case.closed_to_keys:
        assert answer.status_code == 403
        return
    assert 200 <= answer.status_code < 300, (answer.status_code, answer.content)
    _told_nothing(answer)


@pytest.mark.parametrize("case", NAMING, ids=str)
def test_another_tenants_id_in_the_path(world: World, case: Case) -> None:
    own = world.mine()
    for identity in case.ids:
        url = case.url(own, {identity.parameter: world.foreign[identity.name]})
        with undone():
            answer = case.send(_client(world, case), url, case.body(own))
            assert world.untouched(), world.changed()
        _told_nothing(answer)
        if case.closed_to_keys:
            assert answer.status_code == 403
        elif case.route.operation_id in EMPTY_INSTEAD:
            assert answer.json()["items"] == []
        else:
            assert answer.status_code == 404, (answer.status_code, answer.content)


@pytest.mark.parametrize("case", WRITING, ids=str)
def test_another_tenants_id_in_the_body(world: World, case: Case) -> None:
    own, name = world.mine(), case.route.operation_id
    bodies, plain = Bodies(own), case.body(own)
    assert plain is not None
    for place in id_places(name):
        what = named(name, place[-1])
        mine = bodies.with_id(name, plain, place, own[what])
        theirs = bodies.with_id(name, plain, place, world.foreign[what.removeprefix("other_")])
        with undone():
            fits = case.send(_client(world, case), case.url(own), mine)
        with undone():
            answer = case.send(_client(world, case), case.url(own), theirs)
            assert world.untouched(), world.changed()
        _told_nothing(answer)
        if case.closed_to_keys:
            assert (fits.status_code, answer.status_code) == (403, 403)
            continue
        assert 200 <= fits.status_code < 300, (place, fits.status_code, fits.content)
        if (name, place) not in CHOOSING:
            assert 400 <= answer.status_code < 500, (place, answer.status_code, answer.content)


@pytest.mark.parametrize("case", [case for case in CASES if case.route.operation_id == "records_share"], ids=str)
@pytest.mark.parametrize("subject", ["member", "team", "department"])
def test_another_tenants_people_in_a_share(world: World, case: Case, subject: str) -> None:
    """Whom a record is shared with is named by a word and an id in one."""
    own, statuses = world.mine(), []
    for pk in (own[subject], world.foreign[subject]):
        with undone():
            answer = case.send(_client(world, case), case.url(own), {"subject": f"{subject}:{pk}", "level": "read"})
            assert world.untouched(), world.changed()
        _told_nothing(answer)
        statuses.append(answer.status_code)
    assert statuses == [201, 422], statuses


@pytest.mark.parametrize("case", LISTING, ids=str)
def test_lists_searches_and_filters_tell_nothing(world: World, case: Case) -> None:
    own, name = world.mine(), case.route.operation_id
    for filter_name in [part["name"] for part in query_of(name)]:
        if filter_name != "q" and not is_id(filter_name):
            continue
        value = BETA if filter_name == "q" else world.foreign[named(name, filter_name)]
        query = {**case.query(), filter_name: value, **BESIDE.get((name, filter_name), {})}
        answer = _client(world, case).get(case.url(own), query)
        assert answer.status_code in {200, 404}, answer.content
        if filter_name != "q":
            _told_nothing(answer)
        assert _number_found(answer) == 0, (filter_name, answer.content)


def _number_found(answer: Any) -> int:
    found = answer.json() if answer.status_code == 200 else []
    if isinstance(found, dict):
        return len(found["items"]) if "items" in found else int(found["count"])
    return sum(column.get("count", 1) for column in found)


def test_every_operation_has_a_case_or_a_reason() -> None:
    covered = {case.route.operation_id for case in CASES}
    declared = {route.operation_id for route in all_routes()}
    assert declared - covered == set(SKIPS), "a new operation needs a case; a skip that is none any more goes"
    assert len(SKIPS) <= 5


def test_every_operation_of_the_mounts_is_declared() -> None:
    """What is mounted past the routers would have no case: there is nothing of the kind."""
    declared = {route.operation_id for route in all_routes()}
    assert set(operations()) <= declared


def test_no_two_shapes_share_a_name() -> None:
    """Bodies are made from named shapes; of two with one name OpenAPI would silently keep the last."""
    seen: dict[str, set[type]] = {}
    for model in subclasses(Schema):
        # The widget's API is a document of its own.
        if model.__module__.startswith(OURS) and not model.__module__.startswith("bots.channels.web"):
            seen.setdefault(model.__name__, set()).add(model)
    doubled = {name for name, models in seen.items() if len(models) > 1 and name in openapi()["components"]["schemas"]}
    assert not doubled


def subclasses(parent: type) -> Iterator[type]:
    """Yield every class below one."""
    children: list[type] = parent.__subclasses__()
    for child in children:
        yield child
        yield from subclasses(child)
