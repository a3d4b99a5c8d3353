"""What holds of every write over HTTP: once for a key, never over another one's change, refused in one shape."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.activities.services import create_task, log_activity
from crm.customers.models import Customer
from crm.customers.services import create_contact, create_customer
from crm.deals.services import create_deal
from crm.leads.services import create_lead
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.events.models import OutboxEvent
from guanxi.tenancy import TenantRef
from tests.crm.makers import at_once, written
from tests.people import Team

JSON = "application/json"
PATH = "/api/v1/customers"


@pytest.fixture
def client(browser_of: Any, rep: Actor) -> Any:
    """The rep's browser."""
    return browser_of("alpha", "rep")


def _post(client: Any, body: dict[str, Any], key: str, path: str = PATH) -> Any:
    return client.post(path, body, content_type=JSON, headers={"Idempotency-Key": key})


def test_the_same_key_happens_once(client: Any) -> None:
    first, again = (_post(client, {"name": "A"}, "k1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json() and again.headers["Idempotency-Replayed"] == "true"
    assert Customer.objects.count() == 1
    assert OutboxEvent.objects.filter(kind="customer.created").count() == 1
    assert _post(client, {"name": "A"}, "k2").json()["id"] != first.json()["id"]


def test_a_key_with_another_body_or_address_is_refused(client: Any) -> None:
    _post(client, {"name": "A"}, "k1")
    for body, path in (({"name": "B"}, PATH), ({"name": "A"}, "/api/v1/contacts")):
        answer = _post(client, body, "k1", path)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Customer.objects.count() == 1


def test_a_refused_request_is_not_remembered(client: Any) -> None:
    assert _post(client, {"name": " "}, "k1").status_code == 422
    assert _post(client, {"name": "A"}, "k1").status_code == 201
    too_long = _post(client, {"name": "A"}, "k" * 201)
    assert too_long.json()["code"] == "idempotency_key_too_long"


def test_a_key_is_its_callers_own(client: Any, browser_of: Any) -> None:
    mine = _post(client, {"name": "A"}, "k1").json()
    theirs = _post(browser_of("alpha", "rep2"), {"name": "A"}, "k1").json()
    assert mine["id"] != theirs["id"]


@pytest.mark.committed
def test_the_same_key_at_once(alpha: TenantRef, browser_of: Any) -> None:
    clients = [browser_of("alpha", "rep") for _ in range(4)]
    found = at_once(alpha, *[lambda c=c: _post(c, {"name": "A"}, "k1") for c in clients])
    assert [answer.status_code for answer in found] == [201] * 4, found  # type: ignore[union-attr]
    assert len({answer.json()["id"] for answer in found}) == 1  # type: ignore[union-attr]
    assert Customer.objects.count() == 1


def _records(rep: Actor) -> dict[str, int]:
    due = clock.now()
    return {
        "customers": create_customer(actor=rep, values={"name": "A"}).pk,
        "contacts": create_contact(actor=rep, values={"name": "A"}).pk,
        "leads": create_lead(actor=rep, values={"name": "A"}).pk,
        "deals": create_deal(actor=rep, values={"name": "A"}).pk,
        "tasks": create_task(actor=rep, values={"title": "A", "due_at": due}).pk,
    }


def test_if_match_refuses_a_lost_update_everywhere(client: Any, rep: Actor) -> None:
    for kind, pk in _records(rep).items():
        path, field = f"/api/v1/{kind}/{pk}", "title" if kind == "tasks" else "name"
        tag = client.get(path).headers["ETag"]
        changed = client.patch(path, {field: "B"}, content_type=JSON, headers={"If-Match": tag})
        assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"'), kind
        for stale in (tag, '"99"', '"not ours"', 'W/"1"'):
            late = client.patch(path, {field: "C"}, content_type=JSON, headers={"If-Match": stale})
            assert late.status_code == 412, (kind, stale)
        assert client.get(path).json()[field] == "B"
        assert client.patch(path, {field: "D"}, content_type=JSON).status_code == 200, "no header, no check"
        assert client.patch(path, {field: "E"}, content_type=JSON, headers={"If-Match": "*"}).status_code == 200


def test_null_for_what_cannot_be_empty_is_no_fault(client: Any, rep: Actor) -> None:
    """Every field of every PATCH may be null; that never breaks anything."""
    from tests.isolation.bodies import body_schema

    names = {"customers": "customers", "contacts": "contacts", "leads": "leads", "deals": "deals", "tasks": "tasks"}
    for kind, pk in _records(rep).items():
        schema = body_schema(f"{names[kind]}_update")
        assert schema is not None
        for field in schema["properties"]:
            answer = client.patch(f"/api/v1/{kind}/{pk}", {field: None}, content_type=JSON)
            assert answer.status_code in {200, 422}, (kind, field, answer.content)
            assert client.get(f"/api/v1/{kind}/{pk}").status_code == 200, (kind, field)


PROBLEM = {"type", "title", "status", "detail", "code", "fields", "params", "request_id"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", PATH, {"name": ""}, 422, "invalid_input"),
        ("POST", PATH, {"name": "  "}, 422, "name_missing"),
        ("POST", PATH, {"name": "x", "owner_id": 987654}, 422, "member_not_active"),
        ("GET", f"{PATH}/987654", None, 404, "not_found"),
        ("GET", f"{PATH}/99999999999999999999", None, 404, "not_found"),
        ("GET", "/api/v1/timeline/lead/987654", None, 404, "not_found"),
        ("GET", "/api/v1/timeline/nothing/1", None, 422, "invalid_input"),
        ("GET", "/api/v1/assignment-rules", None, 403, "permission_denied"),
        ("GET", "/api/v1/views", None, 422, "invalid_input"),
        ("POST", "/api/v1/tasks", {"title": "x", "due_at": "soon"}, 422, "invalid_input"),
    ],
)
def test_every_refusal_has_one_shape(client: Any, method: str, path: str, body: Any, status: int, code: str) -> None:
    answer = client.generic(method, path, data=_json(body), content_type=JSON)
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer.content
    problem = answer.json()
    assert set(problem) == PROBLEM
    assert (answer.status_code, problem["status"]) == (status, status)
    assert problem["code"] == code
    assert problem["type"] == f"urn:guanxi:problem:{code}" and problem["detail"] and problem["request_id"]
    if status == 422 and code == "invalid_input":
        assert problem["fields"]


def _json(body: Any) -> str:
    import json

    return json.dumps(body) if body is not None else ""


def test_nobody_and_nonsense(browser_of: Any, rep: Actor, client: Any) -> None:
    anonymous = browser_of("alpha", None).get(PATH)
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "not_signed_in")
    nonsense = client.post(PATH, "{", content_type=JSON)
    assert (nonsense.status_code, nonsense.json()["code"]) == (400, "malformed_request")


# A list may ask for what it shows, never once more for each row. Session, user, member, roles and scope cost eight.
BUDGETS = {
    "/customers": 12, "/contacts": 13, "/leads": 12, "/deals": 12, "/tasks": 12, "/conversations": 12,
    "/messages": 12, "/search?q=Tea": 18, "/deals/board": 20, "/home": 26, "/conversations/counts": 11,
}  # fmt: skip


@pytest.mark.parametrize("path", list(BUDGETS))
def test_a_list_asks_the_database_no_more_for_more_rows(team: Team, browser_of: Any, path: str) -> None:
    client = browser_of("alpha", "manager")
    counts = []
    for number in (2, 12):
        for row in range(number):
            _world_of(team["rep"], f"Tea {number} {row}")
        client.get(f"/api/v1{path}")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(f"/api/v1{path}")
        assert answer.status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1], "the number of queries grows with the rows"
    assert counts[1] <= BUDGETS[path], counts


def _world_of(rep: Actor, name: str) -> None:
    customer = create_customer(actor=rep, values={"name": name})
    contact = create_contact(actor=rep, values={"name": name}, customer_id=customer.pk)
    create_lead(actor=rep, values={"name": name})
    create_deal(actor=rep, values={"name": name, "customer_id": customer.pk, "contact_id": contact.pk})
    create_task(actor=rep, values={"title": name, "due_at": clock.now()}, record=("customer", customer.pk))
    log_activity(actor=rep, kind="note", record=("customer", customer.pk), body=name)
    written(name, who=name)
