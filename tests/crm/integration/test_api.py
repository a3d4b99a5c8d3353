"""The API of webhooks: who may, what is shown, what stays sealed; and the words of every kind."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.integration.catalogue import event_kinds, grouped_kinds
from crm.integration.models import WebhookEndpoint
from guanxi.access import Actor
from guanxi.audit.models import AuditEntry
from guanxi.config.env import ROOT
from guanxi.secrets.rotation import sealed_columns
from tests.conftest import SignedIn
from tests.crm.integration.receiver import Receiver
from tests.crm.integration.steps import endpoint_at, new_lead, send_all

HOOKS = "/api/v1/webhooks"
LOCALES = ROOT / "frontend/apps/console/src/features/integration/locales"


def make(client: SignedIn, **values: Any) -> Any:
    body = {"url": "https://erp.example.com/hook", **values}
    return client.post(HOOKS, body, content_type="application/json")


def test_the_secret_is_shown_once_and_kept_sealed(alpha: object, browser_of: type[SignedIn]) -> None:
    client = browser_of("alpha", "admin")
    made = make(client, kinds=["deal.won"]).json()
    shown = client.get(f"{HOOKS}/{made['id']}")
    assert made["secret"] not in shown.content.decode()
    assert made["secret"] not in client.get(HOOKS).content.decode()
    stored = WebhookEndpoint.objects.get(pk=made["id"])
    assert stored.secret.startswith("v1.") and made["secret"] not in stored.secret
    assert {column.column for column in sealed_columns() if column.model == "integration.WebhookEndpoint"} == {
        "secret",
        "previous_secret",
    }
    turned = client.post(f"{HOOKS}/{made['id']}/secret").json()["secret"]
    assert turned not in {made["secret"], ""}
    assert client.get(f"{HOOKS}/{made['id']}").json()["previous_until"] is not None


@pytest.mark.parametrize("part", ["manager", "rep", "agent"])
def test_only_owners_and_administrators_manage_them(
    owner: Actor, browser_of: type[SignedIn], receiver: Receiver, part: str
) -> None:
    made = endpoint_at(owner, receiver.url)
    client = browser_of("alpha", part)
    assert make(client).status_code == 403
    for path in (HOOKS, f"{HOOKS}/{made.id}", "/api/v1/webhook-deliveries", "/api/v1/webhook-events"):
        assert client.get(path).status_code == 403
    assert client.delete(f"{HOOKS}/{made.id}").status_code == 403


def test_what_is_done_is_in_the_audit_without_the_secret(alpha: object, browser_of: type[SignedIn]) -> None:
    client = browser_of("alpha", "owner")
    made = make(client).json()
    path = f"{HOOKS}/{made['id']}"
    client.patch(path, {"description": "stock"}, content_type="application/json")
    client.post(f"{path}/secret")
    assert client.delete(path).status_code == 204
    rows = AuditEntry.objects.filter(kind="webhook", record_id=made["id"]).order_by("pk")
    assert [row.action for row in rows] == ["created", "updated", "secret_rotated", "deleted"]
    assert not any("gxs_" in json.dumps(row.changes) for row in rows)


def test_a_change_of_what_somebody_else_changed_is_refused(alpha: object, browser_of: type[SignedIn]) -> None:
    client = browser_of("alpha", "owner")
    path = f"{HOOKS}/{make(client).json()['id']}"
    first, second = (
        client.patch(path, {"description": word}, content_type="application/json", headers={"if-match": '"1"'})
        for word in ("a", "b")
    )
    assert (first.status_code, second.status_code) == (200, 412)


def test_refusals_name_their_field(alpha: object, browser_of: type[SignedIn]) -> None:
    client = browser_of("alpha", "owner")
    assert make(client, url="http://127.0.0.1/").json()["fields"] == {"url": "address"}
    assert make(client, kinds=["moon.rose"]).json()["code"] == "unknown_event_kind"
    off = make(client, active=False).json()["id"]
    assert client.post(f"{HOOKS}/{off}/test").json()["code"] == "webhook_off"
    for _ in range(19):
        make(client)
    assert make(client).json()["code"] == "too_many_webhooks"


def test_the_log_is_filtered_and_its_queries_do_not_grow(
    owner: Actor, browser_of: type[SignedIn], receiver: Receiver
) -> None:
    made = endpoint_at(owner, receiver.url, kinds=["lead.created"])
    client = browser_of("alpha", "owner")
    new_lead(owner)
    receiver.status = 500
    send_all()
    log = f"/api/v1/webhook-deliveries?endpoint_id={made.id}"
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(log)
    receiver.status = 200
    for number in range(5):
        new_lead(owner, phone=f"1390000{number:04d}")
    send_all()
    with CaptureQueriesContext(connection) as many:
        rows = client.get(log).json()["items"]
    assert len(rows) == 6 and len(many) == len(one)
    assert {row["state"] for row in client.get(f"{log}&state=delivered").json()["items"]} == {"delivered"}
    assert client.get(f"{log}&kind=deal.won").json()["items"] == []
    detail = client.get(f"/api/v1/webhook-deliveries/{rows[-1]['id']}").json()
    assert next(entry["status"] for entry in detail["history"]) == 500
    assert detail["payload"]["kind"] == "lead.created" and detail["url"] == receiver.url
    assert client.get(f"{HOOKS}/{made.id}").json()["lately"]["delivered"] >= 5


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_kind_of_event_has_words(locale: str) -> None:
    words = json.loads((LOCALES / f"{locale}.json").read_text(encoding="utf-8"))
    assert [kind for kind in event_kinds() if kind.replace(".", "_") not in words["kinds"]] == []
    assert [group for group in grouped_kinds() if group not in words["groups"]] == []
    assert {"lead.created", "deal.won", "message.received"} <= set(event_kinds())
    assert not {kind for kind in event_kinds() if kind.startswith("webhook.")}
