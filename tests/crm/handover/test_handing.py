"""A handover moves owners and nothing else, each record once, and can be undone once."""

from datetime import timedelta

import pytest

from crm.activities.models import Activity, ActivityLink, Task
from crm.conversations.models import Conversation
from crm.conversations.services import assign_conversation
from crm.customers.models import Contact, Customer
from crm.customers.services import assign_customer
from crm.deals.models import Deal
from crm.handover.models import Handover, HandoverItem
from crm.handover.services import preview_handover
from crm.handover.services.moving import move_chunk
from crm.handover.types import Rule, Share, What
from crm.leads.models import Lead
from crm.leads.services import create_assignment_rule
from crm.pools.models import PoolEntry
from crm.records.models import StateChange
from guanxi.audit.models import AuditEntry
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, PermissionDenied
from guanxi.events.models import OutboxEvent
from guanxi.notifications.models import Notification
from guanxi.tenancy import TenantRef
from guanxi.timers.models import Due
from tenants.members.models import Delegation, Member
from tenants.members.services import create_delegation, create_team, switch_member_off
from tests.crm.handover.makers import belongings_of, handed, id_of, run, started, undone, win
from tests.crm.makers import at_once, settle, talk, written
from tests.crm.pools.makers import pool_of
from tests.people import Team, actor_named

RECORDS = (Customer, Contact, Deal, Lead)


def test_everything_moves_and_only_the_owner_changes(team: Team) -> None:
    owner, rep, rep2 = team["owner"], team["rep"], team["rep2"]
    belongings_of(rep)
    before = {
        (model, row.pk): (row.created_by_id, row.updated_by_id, row.updated_at)
        for model in RECORDS
        for row in model._default_manager.all()
    }
    stages = {deal.pk: (deal.stage_id, deal.stage_entered_at, deal.amount) for deal in Deal.objects.all()}
    steps = list(StateChange.objects.order_by("pk").values_list("pk", "after", "at"))
    handover = handed(owner, rep, rep2)
    assert handover.state == "done"
    moved = {kind: count["moved"] for kind, count in handover.counts.items()}
    assert moved == {"customer": 2, "contact": 2, "deal": 2, "lead": 1, "task": 2, "activity": 2}
    for model in RECORDS:
        for row in model._default_manager.all():
            assert row.owner_id == id_of(rep2)
            assert row.owner_department_path == rep2.department_path
            assert (row.created_by_id, row.updated_by_id, row.updated_at) == before[model, row.pk]
            name = model.__name__.lower()
            line = ActivityLink.objects.filter(record_kind=name, record_id=row.pk).latest("pk").activity
            assert (line.event, line.data["from"], line.data["to"]) == ("handover.moved", id_of(rep), id_of(rep2))
            assert AuditEntry.objects.filter(kind=name, record_id=row.pk, action="handover").count() == 1
    assert {deal.pk: (deal.stage_id, deal.stage_entered_at, deal.amount) for deal in Deal.objects.all()} == stages
    assert list(StateChange.objects.order_by("pk").values_list("pk", "after", "at")) == steps
    assert set(Task.objects.values_list("owner_id", flat=True)) == {id_of(rep2)}
    assert set(Activity.objects.filter(state="planned").values_list("member_id", flat=True)) == {id_of(rep2)}
    assert Due.objects.filter(kind="activity.reminder").count() == 2, "reminders are still set"
    kinds = list(OutboxEvent.objects.filter(kind__endswith=".handed_over").values_list("kind", flat=True))
    assert sorted(kinds) == sorted(f"{kind}.handed_over" for kind in moved), "one event a chunk"
    told = Notification.objects.filter(kind__startswith="handover").values_list("member_id", "kind")
    assert sorted(told) == sorted(
        [(id_of(rep2), "handover_received"), (id_of(owner), "handover_done"), (id_of(team["manager"]), "handover_done")]
    )


def test_the_preview_says_what_moves_and_what_stays(team: Team) -> None:
    belongings_of(team["rep"], 3)
    win(team["rep"], Deal.objects.order_by("pk")[0])
    preview = preview_handover(actor=team["owner"], from_member_id=id_of(team["rep"]), what=What())
    assert preview["counts"]["deal"] == {"count": 2, "exact": True}
    assert preview["stays"] == {"deal": {"closed": {"count": 1, "exact": True}}}
    assert preview["deals"]["amounts"] == [{"currency": "CNY", "total": "2003.00"}]
    assert preview["tasks"] == {"overdue": 0, "week": 3}
    handover = handed(team["owner"], team["rep"], team["rep2"])
    assert handover.counts["deal"]["moved"] == 2
    assert Deal.objects.filter(owner_id=id_of(team["rep"])).get().stage.kind == "won"


def test_several_receive_and_what_hangs_below_follows(team: Team) -> None:
    belongings_of(team["rep"], 4)
    handed(team["owner"], team["rep"], team["rep2"], team["agent"])
    owners = dict(Customer.objects.values_list("pk", "owner_id"))
    assert sorted(owners.values()) == sorted([id_of(team["rep2"]), id_of(team["agent"])] * 2)
    for deal in Deal.objects.all():
        assert deal.owner_id == owners[deal.customer_id or 0]
    for task in Task.objects.all():
        assert task.owner_id == owners[task.record_id or 0]
    for contact in Contact.objects.all():
        assert contact.owner_id == owners[contact.customer_links.get().customer_id]


def test_a_region_has_its_receiver(team: Team) -> None:
    belongings_of(team["rep"], 2)
    shares = (Share("上海", id_of(team["agent"])),)
    handed(team["owner"], team["rep"], team["rep2"], rule=Rule.REGION, shares=shares)
    owners = dict(Customer.objects.values_list("city", "owner_id"))
    assert owners == {"上海": id_of(team["agent"]), "北京": id_of(team["rep2"])}


def test_chosen_customers_go_with_what_hangs_below_them(team: Team) -> None:
    chosen, kept = belongings_of(team["rep"], 2)
    what = What(ids={"customer": (chosen.pk,)}, places=False)
    handover = handed(team["owner"], team["rep"], team["rep2"], what=what)
    counts = {kind: count["moved"] for kind, count in handover.counts.items()}
    assert counts == {"customer": 1, "contact": 1, "deal": 1, "task": 1, "activity": 1}
    kept.refresh_from_db()
    assert kept.owner_id == id_of(team["rep"])
    assert Lead.objects.get().owner_id == id_of(team["rep"])


def test_undoing_leaves_the_receiver_where_the_receiver_was_before(team: Team) -> None:
    owner, rep, rep2 = team["owner"], team["rep"], team["rep2"]
    belongings_of(rep)
    both = create_team(actor=owner, name="大客户组", description="", member_ids=[id_of(rep), id_of(rep2)])
    pool = pool_of(owner, manager_ids=[id_of(rep)], member_ids=[id_of(rep), id_of(rep2)])
    handover = handed(owner, rep, rep2)
    assert set(both.members.values_list("pk", flat=True)) == {id_of(rep2)}
    undone(owner, handover)
    pool.refresh_from_db()
    assert set(both.members.values_list("pk", flat=True)) == {id_of(rep), id_of(rep2)}
    assert (pool.manager_ids, set(pool.member_ids)) == ([id_of(rep)], {id_of(rep), id_of(rep2)})


def test_talks_go_to_the_receiver_or_into_the_queue(team: Team) -> None:
    open_one, other = talk(written()), talk(written())
    for one in (open_one, other):
        assign_conversation(actor=team["owner"], conversation_id=one.pk, member_id=id_of(team["rep"]))
    handover = handed(team["owner"], team["rep"], team["agent"], what=What(kinds=("conversation",), places=False))
    assert set(Conversation.objects.values_list("assignee_id", "state")) == {(id_of(team["agent"]), "open")}
    undone(team["owner"], handover)
    assert set(Conversation.objects.values_list("assignee_id", "state")) == {(id_of(team["rep"]), "open")}
    what = What(kinds=("conversation",), places=False)
    queued = handed(team["owner"], team["rep"], what=what, queue=True)
    assert [one.state for one in Conversation.objects.filter(assignee__isnull=True)] == ["queued", "queued"]
    undone(team["owner"], queued)
    assert set(Conversation.objects.values_list("assignee_id", "state")) == {(id_of(team["rep"]), "open")}


def test_a_pool_takes_what_it_may_and_the_receiver_the_rest(team: Team) -> None:
    with_deal, bare = belongings_of(team["rep"], 2)
    pool = pool_of(team["owner"])
    Deal.objects.filter(customer=bare).update(archived_at=clock.now())
    handover = handed(team["owner"], team["rep"], team["rep2"], pool_ids={"customer": pool.pk})
    with_deal.refresh_from_db()
    bare.refresh_from_db()
    assert with_deal.owner_id == id_of(team["rep2"]), "a customer with a deal on its way needs somebody"
    assert bare.owner_id is None
    assert PoolEntry.objects.get().record_id == bare.pk
    undone(team["owner"], handover)
    assert Customer.objects.get(pk=bare.pk).owner_id == id_of(team["rep"])
    assert not PoolEntry.objects.exists()
    assert set(Contact.objects.values_list("owner_id", flat=True)) == {id_of(team["rep"])}


def test_whoever_was_named_is_replaced(team: Team) -> None:
    owner, rep, rep2 = team["owner"], team["rep"], team["rep2"]
    rule = create_assignment_rule(
        actor=owner, values={"name": "全部", "member_ids": [id_of(rep), id_of(team["agent"])]}
    )
    group = create_team(actor=owner, name="大客户组", description="", member_ids=[id_of(rep)])
    pool = pool_of(owner, manager_ids=[id_of(rep)])
    Member.objects.filter(pk=id_of(team["agent"])).update(manager_id=id_of(rep))
    create_delegation(
        actor=owner, from_member_id=id_of(team["agent"]), to_member_id=id_of(rep),
        starts_at=clock.in_future(hours=1), ends_at=clock.in_future(hours=99),
    )  # fmt: skip
    handover = handed(owner, rep, rep2)
    assert {place["kind"]: place["result"] for place in handover.places} == dict.fromkeys(
        ("assignment_rule", "team", "pool", "report", "delegation"), "replaced"
    )
    rule.refresh_from_db()
    pool.refresh_from_db()
    assert rule.member_ids == [id_of(rep2), id_of(team["agent"])]
    assert list(group.members.values_list("pk", flat=True)) == [id_of(rep2)]
    assert pool.manager_ids == [id_of(rep2)]
    assert Member.objects.get(pk=id_of(team["agent"])).manager_id == id_of(rep2)
    assert Delegation.objects.get(ended_at__isnull=True).to_member_id == id_of(rep2)
    undone(owner, handover)
    rule.refresh_from_db()
    assert rule.member_ids == [id_of(rep), id_of(team["agent"])]


def test_undo_returns_what_nobody_gave_away_since(team: Team) -> None:
    first, second = belongings_of(team["rep"], 2)
    handover = handed(team["owner"], team["rep"], team["rep2"])
    assign_customer(actor=team["owner"], customer_id=second.pk, owner_id=id_of(team["agent"]))
    assign_customer(actor=team["owner"], customer_id=second.pk, owner_id=id_of(team["rep2"]))
    undone(team["owner"], handover)
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.owner_id == id_of(team["rep"])
    assert second.owner_id == id_of(team["rep2"]), "somebody has decided about it since"
    assert handover.state == "undone"
    assert handover.counts["customer"] == {"moved": 0, "kept": 0, "returned": 1, "stayed": 1}
    assert set(Task.objects.values_list("owner_id", flat=True)) == {id_of(team["rep"])}
    assert set(Activity.objects.filter(state="planned").values_list("member_id", flat=True)) == {id_of(team["rep"])}
    with pytest.raises(Conflict):
        undone(team["owner"], handover)


def test_undo_ends_after_a_week(team: Team) -> None:
    belongings_of(team["rep"], 1)
    handover = handed(team["owner"], team["rep"], team["rep2"])
    with clock.at(clock.now() + timedelta(days=7, minutes=1)), pytest.raises(Conflict):
        undone(team["owner"], handover)


def test_a_manager_hands_over_the_own_department_only(team: Team) -> None:
    belongings_of(team["rep"], 1)
    handed(team["manager"], team["rep"], team["rep2"])
    with pytest.raises(PermissionDenied):
        started(team["manager"], team["agent"], team["rep2"])
    with pytest.raises(PermissionDenied):
        started(team["manager"], None, team["rep2"])
    with pytest.raises(PermissionDenied):
        started(team["rep"], team["rep"], team["rep2"])
    with pytest.raises(Invalid):
        started(team["owner"], team["rep"], team["rep"])
    with pytest.raises(Invalid):
        started(team["owner"], team["rep"])


def test_a_worker_that_takes_over_goes_on(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.handover.services.moving.CHUNK", 2)
    belongings_of(team["rep"], 5)
    handover = started(team["owner"], team["rep"], team["rep2"])
    for _ in range(4):
        move_chunk(team["owner"], handover.pk)
    half = HandoverItem.objects.filter(handover=handover).count()
    assert 0 < half < 26
    run(handover)
    assert HandoverItem.objects.filter(handover=handover, state="moved").count() == 26
    assert AuditEntry.objects.filter(action="handover", kind="customer").count() == 5


def test_who_leaves_leaves_nothing_silently(team: Team) -> None:
    belongings_of(team["rep"], 1)
    switch_member_off(actor=team["owner"], member_id=id_of(team["rep"]))
    settle()
    told = Notification.objects.get(kind="handover_orphans")
    assert told.member_id == id_of(team["manager"])
    assert told.params["total"] == 6
    handover = handed(team["owner"], team["rep"], team["rep2"])
    assert handover.counts["customer"]["moved"] == 1


@pytest.mark.committed
def test_two_at_once_and_a_hand_in_the_middle(alpha: TenantRef) -> None:
    owner, rep, rep2, agent = (actor_named(part) for part in ("owner", "rep", "rep2", "agent"))
    customers = belongings_of(rep, 12)
    first, second = started(owner, rep, rep2), started(owner, rep, agent)
    by_hand = customers[-1].pk
    manager = id_of(actor_named("manager"))

    def assign() -> object:
        return assign_customer(actor=owner, customer_id=by_hand, owner_id=manager)

    def go(handover: Handover) -> object:
        return run(handover)

    results = at_once(alpha, lambda: go(first), lambda: go(second), assign)
    assert not [result for result in results if isinstance(result, Exception)], results
    moved = HandoverItem.objects.filter(state="moved")
    pairs = list(moved.values_list("kind", "record_id"))
    assert len(pairs) == len(set(pairs)), "each record moved once"
    assert not Customer.objects.filter(owner_id=id_of(rep)).exists()
    assert not Deal.objects.filter(owner_id=id_of(rep)).exists()
    # The hand came before the handover, or after it; in both cases it has the last word.
    assert Customer.objects.get(pk=by_hand).owner_id == manager
    item = moved.filter(kind="customer", record_id=by_hand).first()
    assert item is None or item.changed_hands_at is not None
