"""What nobody looks after is seen, within bounds, and handed over at once."""

import json
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.activities.services import log_activity
from crm.conversations.services import assign_conversation, queue_for_person
from crm.customers.models import Customer
from crm.customers.services import create_customer
from crm.deals.models import Deal
from crm.handover.selectors import items_of, orphans, visible_handovers
from crm.handover.types import What
from crm.leads.services import create_assignment_rule
from guanxi.access import Actor
from guanxi.common import clock
from tenants.members.models import Member
from tenants.members.services import create_delegation, switch_member_off
from tests.conftest import SignedIn
from tests.crm.handover.makers import belongings_of, handed, id_of
from tests.crm.makers import talk, written
from tests.crm.pools.makers import laid, pool_of
from tests.people import Team


def test_each_group_of_orphans_is_seen(team: Team) -> None:
    owner, rep = team["owner"], team["rep"]
    belongings_of(rep, 2)
    assign_conversation(actor=owner, conversation_id=talk(written()).pk, member_id=id_of(rep))
    create_assignment_rule(actor=owner, values={"name": "全部", "member_ids": [id_of(rep), id_of(team["rep2"])]})
    create_customer(actor=Actor.system("an import"), values={"name": "无主客户"})
    Member.objects.filter(pk=id_of(team["rep2"])).update(settings={"away": True})
    create_customer(actor=team["rep2"], values={"name": "等待的客户"})
    switch_member_off(actor=owner, member_id=id_of(rep))
    found = orphans(owner)
    (left,) = found["left"]
    numbers = {kind: number["count"] for kind, number in left["counts"].items()}
    assert left["member"]["id"] == id_of(rep)
    assert numbers == {"customer": 2, "contact": 2, "deal": 2, "lead": 1, "task": 2, "conversation": 1}
    assert found["nobody"] == {"customer": {"count": 1, "exact": True}}
    assert [(rule["member_ids"], rule["nobody_left"]) for rule in found["rules"]] == [([id_of(rep)], False)]
    assert [away["member"]["id"] for away in found["away"]] == [id_of(team["rep2"])]
    handed(owner, rep, team["agent"])
    handed(owner, None, team["agent"], what=What(kinds=("customer",)))
    create_delegation(
        actor=owner, from_member_id=id_of(team["rep2"]), to_member_id=id_of(team["agent"]),
        starts_at=clock.now() - timedelta(hours=1), ends_at=clock.in_future(hours=9),
    )  # fmt: skip
    found = orphans(owner)
    assert (found["left"], found["nobody"], found["rules"], found["away"]) == ([], {}, [], [])


def test_what_lies_in_a_pool_is_no_orphan(team: Team) -> None:
    pool = pool_of(team["owner"])
    laid(team["rep"], pool)
    assert orphans(team["owner"])["nobody"] == {}
    handover = handed(team["owner"], None, team["rep2"], what=What(kinds=("customer",)))
    assert handover.counts == {}


def test_talks_that_wait_for_a_day_are_orphans(team: Team) -> None:
    queue_for_person(conversation_id=talk(written()).pk, reason="asked")
    assert orphans(team["owner"])["waiting"]["count"] == 0
    with clock.at(clock.now() + timedelta(hours=25)):
        assert orphans(team["owner"])["waiting"]["count"] == 1


def test_a_manager_sees_the_own_department(team: Team) -> None:
    belongings_of(team["rep"], 1)
    create_customer(actor=team["agent"], values={"name": "客服的客户"})
    for part in ("rep", "agent"):
        switch_member_off(actor=team["owner"], member_id=id_of(team[part]))
    found = orphans(team["manager"])
    assert [left["member"]["id"] for left in found["left"]] == [id_of(team["rep"])]
    assert found["nobody"] == {}


def test_the_page_costs_the_same_however_much_there_is(team: Team) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            orphans(team["owner"])
        return len(captured)

    belongings_of(team["rep"], 1)
    switch_member_off(actor=team["owner"], member_id=id_of(team["rep"]))
    before = queries()
    belongings_of(team["rep2"], 4)
    switch_member_off(actor=team["owner"], member_id=id_of(team["rep2"]))
    assert queries() == before <= 30


def test_a_receiver_sees_the_own_records_of_a_handover(team: Team) -> None:
    belongings_of(team["rep"], 2)
    handover = handed(team["owner"], team["rep"], team["rep2"], team["agent"])
    assert items_of(team["owner"], handover.pk).count() == 11
    own = items_of(team["rep2"], handover.pk)
    assert set(own.values_list("to_owner_id", flat=True)) == {id_of(team["rep2"])}
    assert not visible_handovers(team["manager"]).exclude(pk=handover.pk).exists()
    assert not visible_handovers(Actor.system("x")).exclude(pk=handover.pk).exists()


def test_the_api_previews_starts_lists_and_refuses(team: Team, browser_of: type[SignedIn]) -> None:
    first, _ = belongings_of(team["rep"], 2)
    owner = browser_of("alpha", "owner")
    condition = json.dumps([{"field": "name", "op": "eq", "value": first.name}])
    body = {
        "from_member_id": id_of(team["rep"]),
        "chosen": [{"kind": "customer", "filter": condition}],
        "member_ids": [id_of(team["rep2"])],
    }
    preview = owner.post("/api/v1/handovers/preview", body, content_type="application/json")
    assert preview.status_code == 200, preview.content
    assert preview.json()["counts"]["customer"] == {"count": 1, "exact": True}
    made = owner.post("/api/v1/handovers", body, content_type="application/json")
    assert made.status_code == 201, made.content
    assert made.json()["state"] == "running"
    listed = owner.get("/api/v1/handovers").json()["items"]
    assert [one["id"] for one in listed] == [made.json()["id"]]
    rep = browser_of("alpha", "rep")
    assert rep.post("/api/v1/handovers", body, content_type="application/json").status_code == 403
    assert rep.get("/api/v1/handovers/orphans").status_code == 403
    assert rep.get(f"/api/v1/handovers/{made.json()['id']}").status_code == 200, "it is about the rep's own records"
    assert browser_of("alpha", "agent").get(f"/api/v1/handovers/{made.json()['id']}").status_code == 404
    assert Customer.objects.count() == 2 and Deal.objects.count() == 2


def test_the_dossier_tells_the_new_owner_what_to_know(team: Team, browser_of: type[SignedIn]) -> None:
    customer, _ = belongings_of(team["rep"], 2)
    log_activity(actor=team["rep"], kind="note", record=("customer", customer.pk), body="老板只在下午接电话")
    log_activity(actor=team["rep"], kind="call", record=("customer", customer.pk), body="谈了年单")
    handover = handed(team["owner"], team["rep"], team["rep2"])
    path = f"/api/v1/handovers/{handover.pk}/dossiers/{customer.pk}"
    answer = browser_of("alpha", "rep2").get(path)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert told["customer"]["name"] == customer.name
    assert (told["from_name"], told["to_name"]) == ("Rep", "Rep Two")
    assert [(deal["name"], deal["amount"]) for deal in told["deals"]] == [("年单", "1000.00")]
    assert [note["body"] for note in told["notes"]] == ["老板只在下午接电话"]
    assert "谈了年单" in [line["body"] for line in told["activities"]]
    assert [task["title"] for task in told["tasks"]] == ["回访"]
    assert [contact["name"] for contact in told["contacts"]] == ["联系人0"]
    assert browser_of("alpha", "rep").get(path).status_code == 404, "the customer is no longer the rep's to see"
