"""Claims: once each, within every limit, with the history kept."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from crm.activities.models import ActivityLink
from crm.customers.models import Customer
from crm.customers.services import create_contact, link_contact
from crm.deals.models import Deal, Stage
from crm.deals.services import create_deal, move_deal
from crm.leads.models import Lead
from crm.leads.services import assign_lead
from crm.pools.models import ClaimQuota, Holding, PoolEntry, PoolMove
from crm.pools.selectors import room_of
from crm.pools.services import assign_entries, claim_entries, lock_record, put_records, view_entry
from crm.pools.types import Batch
from guanxi.access import Actor
from guanxi.audit.models import AuditEntry
from guanxi.common import clock
from guanxi.common.errors import Conflict, NotFound, PermissionDenied, Problem
from guanxi.events.models import OutboxEvent
from guanxi.notifications.models import Notification
from guanxi.tenancy import TenantRef
from tenants.members.services import add_member
from tests.crm.makers import at_once
from tests.crm.pools.makers import customer_of, entry_of, laid, lead_of, pool_of
from tests.people import Team

CONNECTIONS, CLAIMS_EACH, RECORDS, QUOTA = 50, 20, 100, 3


def code_of(refused: Callable[[], object]) -> str:
    """Return the code of a refusal."""
    with pytest.raises(Problem) as told:
        refused()
    return told.value.code


@pytest.mark.parametrize("kind", ["lead", "customer"])
def test_a_claim_makes_the_record_ones_own_with_all_its_history(kind: str, team: Team) -> None:
    pool = pool_of(team["owner"], kind, protection_days=7)
    record = (lead_of if kind == "lead" else customer_of)(team["rep"])
    put_records(actor=team["rep"], pool_id=pool.pk, record_ids=[record.pk], reason="无意向")
    entry = entry_of(record)
    batch = claim_entries(actor=team["rep2"], pool_id=pool.pk, entry_ids=[entry.pk])
    assert batch.done == (record.pk,)
    record.refresh_from_db()
    assert record.owner_id == team["rep2"].member_id
    assert record.owner_department_path == team["rep2"].department_path
    assert not PoolEntry.objects.exists()
    moves = PoolMove.objects.filter(kind=kind, record_id=record.pk).order_by("pk")
    assert [(move.action, move.from_owner_id, move.to_owner_id, move.actor_id) for move in moves] == [
        ("returned", team["rep"].member_id, None, team["rep"].member_id),
        ("claimed", None, team["rep2"].member_id, team["rep2"].member_id),
    ]
    holding = Holding.objects.get(kind=kind, record_id=record.pk)
    assert holding.protected_until is not None and holding.protected_until > clock.now() + timedelta(days=6)
    lines = ActivityLink.objects.filter(record_kind=kind, record_id=record.pk).select_related("activity")
    assert [line.activity.data["to"] for line in lines.order_by("pk") if line.activity.event == f"{kind}.assigned"] == [
        None,
        team["rep2"].member_id,
    ]
    audit = AuditEntry.objects.filter(kind=kind, record_id=record.pk).order_by("pk").values_list("action", flat=True)
    assert list(audit)[-2:] == ["release", "assign"]
    kinds = set(OutboxEvent.objects.values_list("kind", flat=True))
    assert {"pool.entry_added", "pool.entry_taken", f"{kind}.released", f"{kind}.assigned"} <= kinds


def test_contacts_go_along_and_come_along(team: Team) -> None:
    pool = pool_of(team["owner"])
    customer, kept = customer_of(team["rep"]), customer_of(team["rep"])
    contact = create_contact(actor=team["rep"], values={"name": "周敏"}, customer_id=customer.pk)
    shared = create_contact(actor=team["rep"], values={"name": "李雷"}, customer_id=customer.pk)
    link_contact(actor=team["rep"], contact_id=shared.pk, customer_id=kept.pk)
    put_records(actor=team["rep"], pool_id=pool.pk, record_ids=[customer.pk], reason="无意向")
    contact.refresh_from_db()
    shared.refresh_from_db()
    assert contact.owner_id is None
    assert shared.owner_id == team["rep"].member_id, "known through another customer of the rep's"
    claim_entries(actor=team["rep2"], pool_id=pool.pk, entry_ids=[entry_of(customer).pk])
    contact.refresh_from_db()
    assert contact.owner_id == team["rep2"].member_id


def test_the_daily_quota_and_the_held_capacity_hold(team: Team) -> None:
    pool = pool_of(team["owner"], daily_quota=2)
    entries = laid(team["rep"], pool, 3)
    batch = claim_entries(actor=team["rep2"], pool_id=pool.pk, entry_ids=[entry.pk for entry in entries])
    assert len(batch.done) == 2
    assert [refused.code for refused in batch.refused] == ["pool_quota_used"]
    assert room_of(team["rep2"], pool).left == 0
    with clock.at(clock.now() + timedelta(days=1)):
        assert claim_entries(actor=team["rep2"], pool_id=pool.pk, entry_ids=[entries[2].pk]).done
    small = pool_of(team["owner"], held_limit=3)
    (entry,) = laid(team["rep"], small)

    def claim() -> Batch:
        return claim_entries(actor=team["rep2"], pool_id=small.pk, entry_ids=[entry.pk])

    assert code_of(claim) == "pool_held_limit"
    held = Customer.objects.filter(owner_id=team["rep2"].member_id).order_by("pk")
    lock_record(actor=team["owner"], kind="customer", record_id=held[0].pk, reason="战略客户")
    assert claim().done, "a locked one does not count"
    (entry,) = laid(team["rep"], small)
    assert code_of(claim) == "pool_held_limit"
    deal = create_deal(actor=team["rep2"], values={"name": "年货", "customer_id": held[1].pk})
    move_deal(actor=team["rep2"], deal_id=deal.pk, stage_id=Stage.objects.get(pipeline=deal.pipeline, kind="won").pk)
    assert claim().done, "a won one does not count"


def test_the_last_owner_cools_down_and_new_data_waits(team: Team) -> None:
    pool = pool_of(team["owner"], cooldown_days=5, delay_hours=2)
    (entry,) = laid(team["rep"], pool)

    def claim(who: str) -> Batch:
        return claim_entries(actor=team[who], pool_id=pool.pk, entry_ids=[entry.pk])

    assert code_of(lambda: claim("rep2")) == "pool_too_new"
    with clock.at(clock.now() + timedelta(hours=3)):
        assert code_of(lambda: claim("rep")) == "pool_cooling_down"
        assert claim("rep2").done


def test_somebody_was_quicker_and_others_are_told_so_a_record(team: Team) -> None:
    pool = pool_of(team["owner"])
    first, second = laid(team["rep"], pool, 2)
    claim_entries(actor=team["rep2"], pool_id=pool.pk, entry_ids=[first.pk])
    batch = claim_entries(actor=team["manager"], pool_id=pool.pk, entry_ids=[first.pk, second.pk])
    assert (len(batch.done), [refused.code for refused in batch.refused]) == (1, ["entry_gone"])
    assert code_of(lambda: claim_entries(actor=team["rep"], pool_id=pool.pk, entry_ids=[first.pk])) == "entry_gone"


def test_who_manages_assigns_and_the_member_hears_of_it(team: Team) -> None:
    pool = pool_of(team["owner"], manager_ids=[team["manager"].member_id], daily_quota=0)
    entries = laid(team["rep"], pool, 2)
    ids = [entry.pk for entry in entries]
    rep2 = team["rep2"].member_id or 0
    with pytest.raises(PermissionDenied):
        assign_entries(actor=team["rep"], pool_id=pool.pk, entry_ids=ids, owner_id=rep2)
    assert len(assign_entries(actor=team["manager"], pool_id=pool.pk, entry_ids=ids, owner_id=rep2).done) == 2
    note = Notification.objects.get(member_id=rep2, kind="pool_assigned")
    assert note.params["count"] == 2
    other = pool_of(team["owner"])
    with pytest.raises(PermissionDenied):
        assign_entries(actor=team["manager"], pool_id=other.pk, entry_ids=[1], owner_id=rep2)


def test_what_may_not_be_given_up(team: Team) -> None:
    pool, leads = pool_of(team["owner"]), pool_of(team["owner"], "lead")
    customer = customer_of(team["rep"])
    deal = create_deal(actor=team["rep"], values={"name": "年货", "customer_id": customer.pk})

    def give(actor: Actor, record_id: int) -> object:
        return put_records(actor=actor, pool_id=pool.pk, record_ids=[record_id], reason="无意向")

    assert code_of(lambda: give(team["rep"], customer.pk)) == "pool_open_deals"
    with pytest.raises(NotFound):
        give(team["rep2"], customer.pk)
    Deal.objects.filter(pk=deal.pk).update(stage=Stage.objects.get(pipeline=deal.pipeline, kind="lost"))
    stage = Deal.objects.values_list("stage_id", "owner_id").get(pk=deal.pk)
    assert give(team["rep"], customer.pk)
    assert Deal.objects.values_list("stage_id", "owner_id").get(pk=deal.pk) == stage, "the deal stays as it was"
    lead = lead_of(team["rep"])
    Lead.objects.filter(pk=lead.pk).update(state="invalid")
    with pytest.raises(Conflict, match="open lead"):
        put_records(actor=team["rep"], pool_id=leads.pk, record_ids=[lead.pk], reason="空号")


def test_an_assignment_elsewhere_takes_the_record_out(team: Team) -> None:
    pool = pool_of(team["owner"], "lead")
    (entry,) = laid(team["rep"], pool)
    assign_lead(actor=team["owner"], lead_id=entry.record_id, owner_id=team["rep2"].member_id or 0)
    assert not PoolEntry.objects.filter(pk=entry.pk).exists()
    move = PoolMove.objects.get(record_id=entry.record_id, action="left")
    assert (move.pool_id, move.to_owner_id) == (pool.pk, team["rep2"].member_id)


def test_looks_are_counted_once_a_record_and_capped(team: Team) -> None:
    pool = pool_of(team["owner"], view_limit=2, masked_fields=["phone"])
    entries = laid(team["rep"], pool, 3)
    for entry in (entries[0], entries[0], entries[1]):
        shown = view_entry(actor=team["rep2"], pool_id=pool.pk, entry_id=entry.pk)
        assert "****" in shown.values["phone"]  # type: ignore[attr-defined]
    assert code_of(lambda: view_entry(actor=team["rep2"], pool_id=pool.pk, entry_id=entries[2].pk)) == "pool_view_limit"
    assert view_entry(actor=team["owner"], pool_id=pool.pk, entry_id=entries[2].pk).pk, "managers are not bound"


def test_the_ledger_is_append_only(team: Team) -> None:
    laid(team["rep"], pool_of(team["owner"]))
    move = PoolMove.objects.get()
    for change in (lambda: PoolMove.objects.update(reason="x"), move.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_a_claim_needs_few_queries_however_full_the_pool(
    team: Team, django_assert_max_num_queries: Callable[..., object]
) -> None:
    pool = pool_of(team["owner"], daily_quota=50, held_limit=100)
    entries = laid(team["rep"], pool, 5)
    with django_assert_max_num_queries(40):  # type: ignore[attr-defined]
        claim_entries(actor=team["rep2"], pool_id=pool.pk, entry_ids=[entries[0].pk])


@pytest.mark.committed
def test_a_thousand_claims_of_a_hundred_records_over_fifty_connections(alpha: TenantRef, team: Team) -> None:
    """Each record goes to exactly one, and nobody gets more than the quota allows."""
    first = pool_of(team["owner"], daily_quota=QUOTA)
    entries = [entry.pk for entry in laid(team["owner"], first, RECORDS)]
    claimers = _claimers(team["rep2"], CONNECTIONS)
    won: list[tuple[int, int]] = []
    refused: Counter[str] = Counter()

    def claim_some(actor: Actor, offset: int) -> None:
        for step in range(CLAIMS_EACH):
            entry_id = entries[(offset * 7 + step * 5) % RECORDS]
            try:
                batch = claim_entries(actor=actor, pool_id=first.pk, entry_ids=[entry_id])
                won.extend((actor.member_id or 0, record_id) for record_id in batch.done)
            except Conflict as refusal:
                refused[refusal.code] += 1

    began = time.monotonic()
    outcomes = at_once(alpha, *[lambda a=actor, n=n: claim_some(a, n) for n, actor in enumerate(claimers)])
    lasted = time.monotonic() - began
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(won) + sum(refused.values()) == CONNECTIONS * CLAIMS_EACH
    assert len({record_id for _, record_id in won}) == len(won) == RECORDS
    assert max(Counter(member for member, _ in won).values()) <= QUOTA
    assert set(refused) <= {"entry_gone", "pool_quota_used"}
    owners = dict(Customer.objects.filter(pk__in=[pk for _, pk in won]).values_list("pk", "owner_id"))
    assert owners == {record_id: member for member, record_id in won}
    rows = PoolMove.objects.filter(action="claimed", pool_id=first.pk)
    assert sorted(rows.values_list("record_id", flat=True)) == sorted(owners)
    taken = dict(ClaimQuota.objects.filter(pool=first).values_list("member_id", "claimed"))
    assert {member: number for member, number in taken.items() if number} == Counter(member for member, _ in won)
    assert lasted < 20, f"{lasted:.1f} s"


def _claimers(like: Actor, number: int) -> list[Actor]:
    """Return that many members at work, with a rep's rights."""
    owner = Actor.system("fifty reps")
    members = [
        add_member(actor=owner, email=f"claimer{n}@alpha.example.com", name=f"Claimer {n}", roles=["rep"])
        for n in range(number)
    ]
    return [replace(like, member_id=member.pk, name=member.name) for member in members]
