"""Within one tenant: a rep gets at nothing of another rep; managers and agents reach as far as their roles say."""

from typing import Any

import pytest

from guanxi.access import allows
from guanxi.tenancy import tenant_scope
from tests.isolation.cases import Case
from tests.isolation.conftest import REP, World
from tests.isolation.scopes import (
    LISTING,
    NAMING,
    OWNED,
    PLACES,
    Outcome,
    ask,
    listed,
    named_by,
    put_in_body,
    with_a_customer_shared_for_reading,
)
from tests.people import actor_named

# What is one's own alone, whatever the reach of one's roles.
PERSONAL = {"view"}
# Whoever may read a record reads its timeline; a line is changed by whoever wrote it.
WRITTEN_BY_ONESELF = {"activity", "visit", "plan"}
# Who can see a record is told to its owner and to whoever makes roles.
OWNERS_ONLY = {"records_viewers"}
# A handover and its dossiers are told to who takes part in it, beside those in whose reach the giver is.
OF_ITS_PARTIES = {"handovers_dossier"}
# Of these an agent's roles reach everybody's.
AGENT_READS = {
    "customer",
    "contact",
    "lead",
    "deal",
    "conversation",
    "failed_conversation",
    "message",
    "failed_message",
    "activity",
}
AGENT_WRITES = {"conversation.reply", "conversation.assign", "contact.update", "lead.create"}


def _record(case: Case) -> str:
    return next(named.name for named in case.ids if named.name in OWNED)


def _is_personal(case: Case) -> bool:
    record = _record(case)
    return record in PERSONAL or (record in WRITTEN_BY_ONESELF and case.writes)


@pytest.mark.parametrize("case", NAMING, ids=str)
def test_another_reps_record_is_not_there(world: World, case: Case) -> None:
    mine, theirs = named_by(world, "rep", case), named_by(world, "rep2", case)
    if mine.status == 403:
        assert theirs.status == 403
        return
    assert mine.reached, (mine, "the positive case")
    assert theirs == Outcome(404, False)


@pytest.mark.parametrize(
    ("case", "place"), PLACES, ids=lambda value: str(value) if isinstance(value, Case) else value[-1]
)
def test_another_reps_record_in_a_body(world: World, case: Case, place: tuple[str, ...]) -> None:
    own, foreign = put_in_body(world, case, place, world.reps2), put_in_body(world, case, place, world.reps)
    if own.status == 403:
        assert foreign.status == 403
        return
    if case.route.operation_id == "customers_update":
        return  # A customer cannot stand below itself; `test_a_parent_out_of_reach` has two.
    assert own.reached, own
    assert 400 <= foreign.status < 500 and not foreign.told


def test_a_parent_out_of_reach(world: World) -> None:
    case = next(case for case, _ in PLACES if case.route.operation_id == "customers_update")
    assert ask(world, "rep2", case, {**world.own, **world.reps2}, {"parent_id": world.reps["customer"]}).status == 404
    assert ask(world, "owner", case, {**world.own, **world.reps2}, {"parent_id": world.reps["customer"]}).reached


def test_whoever_only_reads_a_shared_record_does_nothing_else_with_it(world: World) -> None:
    within_reach = with_a_customer_shared_for_reading(world, world.reps["customer"])
    assert all(within_reach.values()), (within_reach, "the positive case")
    shared = with_a_customer_shared_for_reading(world, world.own["customer"])
    assert [what for what, reached in shared.items() if reached] == ["is seen"]


@pytest.mark.parametrize("case", LISTING, ids=str)
def test_lists_and_searches_of_another_rep_tell_nothing(world: World, case: Case) -> None:
    assert not any(outcome.told for outcome in listed(world, "rep2", case))


def test_the_lists_do_show_a_reps_own(world: World) -> None:
    """Else the silence above would prove nothing."""
    shown = {case.route.operation_id for case in LISTING if any(outcome.told for outcome in listed(world, "rep", case))}
    assert shown >= {
        "customers_list", "contacts_list", "leads_list", "deals_list", "deals_board", "tasks_list",
        "conversations_list", "messages_list", "search_list", "views_list",
    }  # fmt: skip


@pytest.mark.parametrize("case", NAMING, ids=str)
def test_a_manager_reaches_the_own_departments(world: World, case: Case) -> None:
    """The rep is in the manager's department, the owner is above it."""
    rep, manager = named_by(world, "rep", case), named_by(world, "manager", case)
    record = _record(case)
    if case.route.operation_id in OWNERS_ONLY:
        assert (rep.status, manager.status) == (200, 403)
    elif _is_personal(case):
        assert manager.status in {403, 404}
    elif rep.reached:
        assert manager.reached, manager
    if record in {"customer", "contact", "lead", "deal", "task"}:
        above = ask(world, "manager", case, world.own, {} if case.writes else None)
        # What is not there comes before what is wrong with the body, and a body that lacks something before both.
        assert above.status in {404, 422}, above
        assert not above.told


@pytest.mark.parametrize("case", NAMING, ids=str)
def test_an_agent_reads_all_and_writes_little(world: World, case: Case) -> None:
    record, outcome = _record(case), named_by(world, "agent", case)
    with tenant_scope(world.alpha):
        may = case.route.permission == "signed_in" or allows(actor_named("agent"), case.route.permission)
    if not may:
        assert outcome.status == 403
    elif case.route.operation_id in OWNERS_ONLY | OF_ITS_PARTIES:
        assert outcome.status in {403, 404} and not outcome.told
    elif _is_personal(case):
        assert outcome.status in {403, 404}
    elif record in AGENT_READS and (not case.writes or case.route.permission in AGENT_WRITES):
        assert outcome.reached, outcome
    elif record == "task":
        assert outcome.status == 404, outcome


def test_the_matrix_is_not_small() -> None:
    names: Any = {case.route.operation_id for case in NAMING}
    assert len(names) >= 45 and len(PLACES) >= 10 and len(LISTING) >= 25
    assert str(REP) == "Wombat7"
