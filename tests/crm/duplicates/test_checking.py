"""Keys follow every write; what is in the base is told as the actor may know it; rules stand at the door."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache

from crm.customers.models import Customer
from crm.customers.services import archive_customer, create_contact, create_customer, update_customer
from crm.customers.services.bulk import create_customers
from crm.duplicates import services
from crm.duplicates.models import CheckCount, DuplicateKey, DuplicatePair, KeyProgress, TransferRequest
from crm.duplicates.selectors import find_duplicates
from crm.duplicates.services import checking
from crm.leads.services import convert_lead, create_lead
from crm.records.bulk import BulkRow
from guanxi.access import Actor
from guanxi.audit.models import AuditEntry
from guanxi.common.errors import Conflict, NotFound, PermissionDenied, RateLimited
from guanxi.notifications.models import Notification
from guanxi.tenancy import TenantRef, tenant_scope
from tests.people import Team

NAME, PHONE = "杭州茗溪茶业有限公司", "13800138000"
CONFIRMED = {"X-Confirm": "duplicate"}
READ = "duplicate.read"
TAX = "91330100799655058B"


def _customer(actor: Actor, **values: Any) -> Customer:
    return create_customer(actor=actor, values={"name": NAME, "phone": PHONE, **values})


def _keys(kind: str, record_id: int) -> set[tuple[str, str]]:
    return set(DuplicateKey.objects.filter(kind=kind, record_id=record_id).values_list("sort", "value"))


def test_keys_follow_writes(team: Team) -> None:
    customer = _customer(team["rep"], email="Li+x@Example.com")
    assert _keys("customer", customer.pk) == {("name", "茗溪茶业"), ("phone", PHONE), ("email", "li@example.com")}
    update_customer(actor=team["rep"], customer_id=customer.pk, changes={"phone": "0571-87654321", "email": ""})
    assert _keys("customer", customer.pk) == {("name", "茗溪茶业"), ("phone", "57187654321")}
    contact = create_contact(actor=team["rep"], values={"name": "李雷", "wechat": "LiLei88"})
    assert _keys("contact", contact.pk) == {("wechat", "lilei88")}


def test_a_persons_name_is_no_key_and_a_tax_number_in_any_text_is(team: Team) -> None:
    person = create_customer(actor=team["rep"], values={"name": "王伟", "kind": "person", "source": TAX})
    assert _keys("customer", person.pk) == {("tax", TAX)}


def test_bulk_and_old_rows_get_keys(team: Team) -> None:
    words = ("甲乙丙", "丁戊己")
    rows = [BulkRow({"name": f"{word}有限公司", "phone": f"1390000000{n}"}) for n, word in enumerate(words)]
    made = create_customers(actor=team["rep"], rows=rows)
    assert _keys("customer", made[1].pk) == {("name", "丁戊己"), ("phone", "13900000001")}
    DuplicateKey.objects.all().delete()
    KeyProgress.objects.all().delete()
    assert services.index_old_records(batch=1) >= 2
    assert _keys("customer", made[0].pk) == {("name", "甲乙丙"), ("phone", "13900000000")}
    assert services.index_old_records() == 0


def test_hidden_matches_are_masked_and_visible_ones_are_not(team: Team) -> None:
    mine = _customer(team["rep"])
    values = {"name": "茗溪茶业（杭州）有限公司", "phone": "+86 13800138000"}
    (own,) = find_duplicates(team["rep"], "customer", values)
    assert (own.visible, own.title, own.score, own.sorts) == (True, NAME, 1.0, ("name", "phone"))
    (hidden,) = find_duplicates(team["rep2"], "customer", values)
    assert (hidden.record_id, hidden.visible, hidden.title) == (mine.pk, False, "")
    assert (hidden.owner, hidden.department) == (team["rep"].name, "sales")
    assert find_duplicates(team["rep"], "customer", values, exclude=("customer", mine.pk)) == []
    archive_customer(actor=team["rep"], customer_id=mine.pk)
    assert find_duplicates(team["rep2"], "customer", values)[0].archived


def test_a_slip_of_the_pen_is_found_across_kinds(team: Team) -> None:
    lead = create_lead(actor=team["rep"], values={"name": "李雷", "company": "杭州茗溪茶叶有限公司"})
    (match,) = find_duplicates(team["manager"], "customer", {"name": NAME})
    assert (match.kind, match.record_id, match.sorts, match.score) == ("lead", lead.pk, ("name",), 0.85)
    assert find_duplicates(team["manager"], "customer", {"name": "宁波茗溪茶业有限公司"}) == []


def test_another_tenant_is_not_looked_at(team: Team, beta: TenantRef) -> None:
    _customer(team["rep"])
    with tenant_scope(beta):
        assert find_duplicates(Actor.system("test"), "customer", {"phone": PHONE}) == []


def test_converting_a_lead_asks_nothing_and_it_counts_no_longer(team: Team) -> None:
    lead = create_lead(actor=team["rep"], values={"name": "李雷", "company": NAME, "phone": PHONE})
    convert_lead(actor=team["rep"], lead_id=lead.pk)
    assert {match.kind for match in find_duplicates(team["rep"], "customer", {"phone": PHONE})} == {"customer"}


def test_the_door_warns_blocks_and_lets_pass(team: Team, browser_of: Any) -> None:
    _customer(team["rep"])
    browser = browser_of("alpha", "rep2")
    body = {"name": "另一家有限公司", "phone": PHONE}

    def enter(**headers: str) -> Any:
        return browser.post("/api/v1/customers", body, content_type="application/json", headers=headers)

    refused = enter()
    assert (refused.status_code, refused.json()["code"]) == (409, "duplicate_suspected")
    (match,) = refused.json()["params"]["matches"]
    assert (match["title"], match["owner"], match["sorts"]) == ("", team["rep"].name, ["phone"])
    confirmed = enter(**CONFIRMED)
    assert confirmed.status_code == 201
    assert DuplicatePair.objects.filter(other_id=confirmed.json()["id"], state="open").count() == 1
    services.set_rule(actor=team["owner"], kind="customer", entry="manual", changes={"action": "block"})
    blocked = enter(**CONFIRMED)
    assert blocked.json()["params"]["action"] == "block"
    services.set_rule(actor=team["owner"], kind="customer", entry="manual", changes={"sorts": ["tax"]})
    assert enter().status_code == 201


def test_only_who_manages_writes_rules(team: Team) -> None:
    with pytest.raises(PermissionDenied):
        services.set_rule(actor=team["rep"], kind="customer", entry="manual", changes={"action": "allow"})


def test_asking_is_counted_audited_once_and_limited(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = _customer(team["rep"])
    cache.clear()
    for _ in range(3):
        services.check_duplicates(actor=team["rep2"], kind="customer", values={"phone": PHONE})
    member_id = team["rep2"].member_id
    assert member_id is not None
    count = CheckCount.objects.get(member_id=member_id)
    assert (count.checks, count.met) == (3, [f"customer:{mine.pk}"])
    assert AuditEntry.objects.filter(action="duplicate_check", record_id=mine.pk).count() == 1
    monkeypatch.setattr(checking, "A_MINUTE", 3)
    with pytest.raises(RateLimited):
        services.check_duplicates(actor=team["rep2"], kind="customer", values={"phone": PHONE})


def test_a_transfer_is_asked_for_and_given(team: Team) -> None:
    mine = _customer(team["rep"])
    ask: dict[str, Any] = {"kind": "customer", "values": {"phone": PHONE}, "record": ("customer", mine.pk)}
    with pytest.raises(NotFound):
        services.request_transfer(actor=team["rep2"], **{**ask, "values": {"phone": "13900009999"}})
    request = services.request_transfer(actor=team["rep2"], reason="老客户", **ask)
    told = set(Notification.objects.filter(kind="transfer_requested").values_list("member_id", flat=True))
    assert told == {team["rep"].member_id, team["manager"].member_id}
    with pytest.raises(Conflict):
        services.request_transfer(actor=team["rep2"], **ask)
    with pytest.raises(PermissionDenied):
        services.decide_request(actor=team["rep2"], request_id=request.pk, accept=True)
    with pytest.raises(NotFound):
        services.decide_request(actor=team["agent"], request_id=request.pk, accept=True)
    services.decide_request(actor=team["rep"], request_id=request.pk, accept=True)
    mine.refresh_from_db()
    assert mine.owner_id == team["rep2"].member_id
    with pytest.raises(Conflict):
        services.decide_request(actor=team["rep"], request_id=request.pk, accept=False)
    assert TransferRequest.objects.get().state == "accepted"


def test_joining_needs_the_rule(team: Team) -> None:
    mine = _customer(team["rep"])
    ask: dict[str, Any] = {"kind": "customer", "values": {"phone": PHONE}, "record": ("customer", mine.pk)}
    with pytest.raises(PermissionDenied):
        services.join_record(actor=team["rep2"], **ask)
    services.set_rule(actor=team["owner"], kind="customer", entry="manual", changes={"joins": True})
    services.join_record(actor=team["rep2"], **ask)
    assert find_duplicates(team["rep2"], "customer", {"phone": PHONE})[0].visible


def test_pairs_are_found_by_night_and_ignored_for_good(team: Team) -> None:
    _customer(team["rep"])
    second = _customer(team["rep2"])
    assert services.find_pairs() >= 1
    pair = DuplicatePair.objects.get()
    assert pair.other_id == second.pk
    half = replace(team["rep"], grants={**team["rep"].grants, READ: team["manager"].grants[READ]})
    with pytest.raises(NotFound):
        services.ignore_pair(actor=half, pair_id=pair.pk)
    services.ignore_pair(actor=team["manager"], pair_id=pair.pk)
    services.find_pairs()
    assert DuplicatePair.objects.get().state == "ignored"
