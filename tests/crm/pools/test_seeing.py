"""Who sees what of a record in a pool: masked there, and nowhere else for those who are not its owner."""

from collections.abc import Callable
from typing import Any

import pytest

from crm.activities.selectors import timeline
from crm.customers.models import Customer
from crm.customers.selectors import access_customer, find_customers
from crm.pools.models import Pool
from crm.pools.selectors import access_pool, describe_entries, find_entries, visible_pools
from crm.pools.services import archive_pool, create_pool, put_records, update_pool
from crm.records.selectors import search_everything, state_history
from guanxi.access import Actor
from guanxi.audit.selectors import access_history
from guanxi.common.errors import Conflict, Invalid, NotFound, PermissionDenied, VersionConflict
from guanxi.events.models import OutboxEvent
from guanxi.events.types import Audience
from guanxi.realtime.audiences import admits
from tests.crm.pools.makers import customer_of, entry_of, laid, pool_of
from tests.people import Team

PHONE = "13987654321"


@pytest.fixture
def pooled(team: Team) -> tuple[Pool, Customer]:
    """A customer of the rep's in a pool that masks its phone and leaves its address out."""
    pool = pool_of(team["owner"], masked_fields=["phone", "email"], hidden_fields=["address"], cooldown_days=3)
    values = {"name": "杭州云栖酒店", "phone": PHONE, "email": "li@yunqi.com", "address": "转塘街道", "city": "杭州"}
    customer = customer_of(team["rep"], **values)
    put_records(actor=team["rep"], pool_id=pool.pk, record_ids=[customer.pk], reason="无意向")
    return pool, customer


@pytest.mark.parametrize("who", ["rep", "rep2", "manager"])
def test_a_record_in_a_pool_is_in_no_ordinary_list(who: str, team: Team, pooled: tuple[Pool, Customer]) -> None:
    actor, customer = team[who], pooled[1]
    assert customer not in find_customers(actor, {})
    assert not [hit for hit in search_everything(actor, "云栖酒店") if hit.id == customer.pk]
    assert not search_everything(actor, PHONE[-6:])
    for look in (
        lambda: access_customer(actor, customer.pk),
        lambda: timeline(actor, "customer", customer.pk),
        lambda: state_history(actor, "customer", customer.pk),
        lambda: access_history(actor, "customer", customer.pk),
    ):
        with pytest.raises(NotFound):
            look()
    event = OutboxEvent.objects.filter(kind="customer.released").get()
    assert admits(actor, Audience.from_json(event.audience or {})) is (who == "rep"), "whose list it leaves hears of it"


def test_whoever_sees_everything_sees_it(team: Team, pooled: tuple[Pool, Customer]) -> None:
    assert pooled[1] in find_customers(team["owner"], {})


def test_the_pool_shows_what_it_is_set_to(team: Team, browser_of: Any, pooled: tuple[Pool, Customer]) -> None:
    pool, customer = pooled
    client = browser_of("alpha", "rep2")
    answer = client.get(f"/api/v1/pools/{pool.pk}/entries")
    (entry,) = answer.json()["items"]
    assert (entry["title"], entry["values"]["phone"], entry["values"]["city"]) == (
        "杭州云栖酒店",
        "139****4321",
        "杭州",
    )
    assert "address" not in entry["values"]
    detail = client.post(f"/api/v1/pools/{pool.pk}/entries/{entry['id']}/view")
    assert detail.json()["values"]["email"] == "l***@yunqi.com"
    for text in (answer.content.decode(), detail.content.decode()):
        assert PHONE not in text and "转塘街道" not in text and "li@yunqi.com" not in text
    claimed = client.post(
        f"/api/v1/pools/{pool.pk}/claim", {"entry_ids": [entry["id"]]}, content_type="application/json"
    )
    assert claimed.status_code == 200, claimed.content
    assert client.get(f"/api/v1/customers/{customer.pk}").json()["phone"] == PHONE
    assert client.get(f"/api/v1/pools/{pool.pk}/entries").json()["items"] == []


def test_search_in_the_pool_knows_names_and_no_phones(team: Team, pooled: tuple[Pool, Customer]) -> None:
    pool, customer = pooled

    def found(text: str) -> list[int]:
        return [entry.record_id for entry in find_entries(team["rep2"], pool, {"q": text})]

    assert found("云栖") == found("yqjd") == [customer.pk]
    assert found(PHONE) == found(PHONE[-4:]) == found("1398") == []


def test_a_pool_for_some_is_not_there_for_others(team: Team) -> None:
    east = team["rep2"].department_path.strip("/").split("/")[-1]
    pool = pool_of(team["owner"], department_ids=[int(east)], manager_ids=[team["admin"].member_id])
    assert [each.pk for each in visible_pools(team["rep2"])] == [pool.pk]
    for who in ("rep", "agent", "manager"):
        assert visible_pools(team[who]) == []
        with pytest.raises(NotFound):
            access_pool(team[who], pool.pk)
    (entry,) = laid(team["owner"], pool)
    event = OutboxEvent.objects.filter(kind="pool.entry_added").get()
    audience = Audience.from_json(event.audience or {})
    assert admits(team["rep2"], audience) and admits(team["owner"], audience)
    assert not admits(team["rep"], audience)
    assert entry.pool_id == pool.pk


def test_settings_are_checked_audited_and_versioned(team: Team) -> None:
    pool = pool_of(team["owner"])
    changed = update_pool(actor=team["owner"], pool_id=pool.pk, changes={"daily_quota": 5}, version=1)
    assert (changed.daily_quota, changed.version) == (5, 2)
    with pytest.raises(VersionConflict):
        update_pool(actor=team["owner"], pool_id=pool.pk, changes={"daily_quota": 6}, version=1)
    for wrong in (
        {"masked_fields": ["secret"]},
        {"manager_ids": [99_999]},
        {"department_ids": [99_999]},
        {"name": " "},
    ):
        with pytest.raises(Invalid):
            update_pool(actor=team["owner"], pool_id=pool.pk, changes=wrong)
    for who in ("rep", "manager"):
        with pytest.raises(PermissionDenied):
            update_pool(actor=team[who], pool_id=pool.pk, changes={"daily_quota": 9})
        with pytest.raises(PermissionDenied):
            create_pool(actor=team[who], kind="lead", values={"name": "x"})
    laid(team["rep"], pool)
    with pytest.raises(Conflict):
        archive_pool(actor=team["owner"], pool_id=pool.pk)
    empty = pool_of(team["owner"])
    archive_pool(actor=team["owner"], pool_id=empty.pk)
    assert [each.pk for each in visible_pools(team["rep"])] == [pool.pk]


def test_a_page_of_a_pool_costs_the_same_however_full_it_is(
    team: Team, browser_of: Any, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    pool = pool_of(team["owner"], daily_quota=3, held_limit=50)
    laid(team["rep"], pool, 12)
    client = browser_of("alpha", "rep2")
    client.get(f"/api/v1/pools/{pool.pk}/entries")
    with django_assert_max_num_queries(16):
        assert len(client.get(f"/api/v1/pools/{pool.pk}/entries").json()["items"]) == 12
    with django_assert_max_num_queries(18):
        (shown,) = client.get("/api/v1/pools").json()
    assert (shown["count"], shown["room"]["left"]) == (12, 3)


def test_ledger_and_risks_over_http(team: Team, browser_of: Any) -> None:
    pool = pool_of(team["owner"])
    (entry,) = laid(team["rep"], pool)
    moves = browser_of("alpha", "owner").get(f"/api/v1/pools/{pool.pk}/moves").json()["items"]
    assert [(move["action"], move["from_owner_name"]) for move in moves] == [("returned", "Rep")]
    assert browser_of("alpha", "rep2").get(f"/api/v1/pools/{pool.pk}/moves").json()["items"] == []
    kept = customer_of(team["rep"])
    body = {"record_kind": "customer", "record_id": kept.pk, "reason": "战略客户"}
    locked = browser_of("alpha", "owner").post("/api/v1/pool-locks", body, content_type="application/json")
    assert (locked.status_code, locked.json()["locked"]) == (200, True)
    mine = browser_of("alpha", "rep").get("/api/v1/pool-holdings", {"state": "protected"}).json()["items"]
    assert [(each["title"], each["lock_reason"]) for each in mine] == [(kept.name, "战略客户")]
    assert entry.pk


def entries_shown(actor: Actor, pool: Pool) -> list[Any]:
    """Return the entries of a pool as the list shows them."""
    entries = list(find_entries(actor, pool, {}))
    describe_entries(actor, pool, entries)
    return entries


def test_why_one_may_not_take_it_is_said_in_the_list(team: Team, pooled: tuple[Pool, Customer]) -> None:
    pool, customer = pooled
    assert entry_of(customer).pool_id == pool.pk
    assert [entry.blocked for entry in entries_shown(team["rep"], pool)] == ["cooling_down"]
    assert [entry.blocked for entry in entries_shown(team["rep2"], pool)] == [""]
