"""The API of channels: connecting, reading, changing, taking off; secrets never come out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from bots.channels.models import Channel
from bots.channels.selectors import channel_secret
from bots.channels.services import note_inbound
from guanxi.access import Actor
from guanxi.audit.models import AuditEntry
from guanxi.tenancy import TenantRef, tenant_scope
from tenants.workspaces.selectors import resolve_route

APP_ID = "wx0123456789abcdef"
SECRET = "0123456789abcdef0123456789abcdef"
BODY = {"kind": "wechat", "name": " 龙井茶庄 ", "settings": {"app_id": APP_ID, "app_secret": SECRET}}


@pytest.fixture
def owner_client(alpha: TenantRef, browser_of: Any) -> Client:
    """The owner's browser; the test itself looks into alpha."""
    made: Client = browser_of("alpha", "owner")
    return made


def post(client: Client, path: str, body: Any = None) -> Any:
    return client.post(f"/api/v1{path}", body or {}, content_type="application/json")


def connect(client: Client, **changes: Any) -> Any:
    return post(client, "/channels", {**BODY, "settings": {**BODY["settings"], **changes}})  # type: ignore[dict-item]


def test_an_account_is_connected_and_its_app_id_leads_here(owner_client: Client, alpha: TenantRef) -> None:
    answer = connect(owner_client)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["name"], made["kind"], made["key"], made["state"]) == ("龙井茶庄", "wechat", APP_ID, "setup")
    assert [step["name"] for step in made["steps"]] == ["credentials", "callback", "first_message", "abilities"]
    assert {step["state"] for step in made["steps"]} == {"waiting"}
    assert made["secrets_set"] == ["aes_key", "app_secret", "token"]
    assert resolve_route("wechat_app", APP_ID) == alpha
    listed = owner_client.get("/api/v1/channels").json()["items"]
    assert [each["id"] for each in listed if each["kind"] == "wechat"] == [made["id"]]


def test_secrets_never_come_out_but_what_is_to_be_copied_does(owner_client: Client) -> None:
    made = connect(owner_client).json()
    connection = owner_client.get(f"/api/v1/channels/{made['id']}/connection").json()["values"]
    assert connection["url"].endswith(f"/wechat/{APP_ID}")
    assert len(connection["aes_key"]) == 43
    channel = Channel.objects.get(pk=made["id"])
    assert channel_secret(channel, "app_secret") == SECRET
    stored = json.dumps(channel.secrets)
    shown = json.dumps([made, owner_client.get(f"/api/v1/channels/{made['id']}").json(), connection])
    for text in (stored, shown):
        assert SECRET not in text
    assert connection["token"] not in stored
    audited = json.dumps([entry.changes for entry in AuditEntry.objects.all()])
    assert SECRET not in audited


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"app_id": ""}, "app_id"),
        ({"app_id": "gh_123"}, "app_id"),
        ({"app_secret": ""}, "app_secret"),
        ({"app_secret": "short"}, "app_secret"),
        ({"aes_key": "x"}, "aes_key"),
        ({"token": "!"}, "token"),
        ({"original_id": "wx1"}, "original_id"),
        ({"encryption": "rot13"}, "encryption"),
    ],
)
def test_settings_that_cannot_be_are_told_by_their_field(
    owner_client: Client, changes: dict[str, str], field: str
) -> None:
    answer = connect(owner_client, **changes)
    assert answer.status_code == 422
    assert (answer.json()["code"], list(answer.json()["fields"])) == ("channel_settings_invalid", [field])
    assert Channel.objects.count() == 0
    assert resolve_route("wechat_app", APP_ID) is None


def test_an_account_can_be_connected_once_in_all_workspaces(owner_client: Client, browser_of: Any) -> None:
    assert connect(owner_client).status_code == 201
    again = connect(owner_client)
    assert (again.status_code, again.json()["code"]) == (409, "channel_taken")
    other = connect(browser_of("beta", "owner"))
    assert (other.status_code, other.json()["code"]) == (409, "channel_taken")


def test_settings_that_nobody_knows_are_refused_by_their_name(owner_client: Client) -> None:
    refused = connect(owner_client, appsecret=SECRET, colour="red")
    assert (refused.status_code, refused.json()["code"]) == (422, "channel_settings_invalid")
    assert refused.json()["fields"] == {"appsecret": "unknown", "colour": "unknown"}
    assert not Channel.objects.filter(kind="wechat").exists()
    made = post(owner_client, "/channels", {"kind": "web", "name": "官网", "settings": {"color": "#112233"}}).json()
    path = f"/api/v1/channels/{made['id']}"
    answer = owner_client.patch(path, {"settings": {"colour": "red"}}, content_type="application/json")
    assert (answer.status_code, answer.json()["fields"]) == (422, {"colour": "unknown"})
    assert owner_client.get(path).json()["settings"]["color"] == "#112233"


def test_a_channel_is_changed_and_a_secret_that_is_not_given_stays(owner_client: Client) -> None:
    made = connect(owner_client, token="first-token").json()
    path = f"/api/v1/channels/{made['id']}"
    answer = owner_client.patch(
        path, {"name": "新名字", "settings": {"encryption": "plain"}}, content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    assert (answer.json()["name"], answer.json()["settings"]["encryption"]) == ("新名字", "plain")
    channel = Channel.objects.get()
    assert (channel_secret(channel, "token"), channel_secret(channel, "app_secret")) == ("first-token", SECRET)
    stale = owner_client.patch(
        path, {"name": "x"}, content_type="application/json", headers={"If-Match": f'"{made["version"]}"'}
    )
    assert stale.status_code == 412
    assert Channel.objects.get().name == "新名字"


def test_what_was_taken_off_can_be_connected_again_elsewhere(
    owner_client: Client, browser_of: Any, beta: TenantRef
) -> None:
    made = connect(owner_client).json()
    assert owner_client.delete(f"/api/v1/channels/{made['id']}").status_code == 204
    assert owner_client.get(f"/api/v1/channels/{made['id']}").status_code == 404
    assert Channel.objects.get().secrets == {}
    assert connect(browser_of("beta", "owner")).status_code == 201
    with tenant_scope(beta):
        assert resolve_route("wechat_app", APP_ID) == beta
    taken = connect(owner_client)
    assert (taken.status_code, taken.json()["code"]) == (409, "channel_taken")
    assert Channel.objects.get().state == "disconnected"


def test_a_channel_comes_back_with_its_row(owner_client: Client) -> None:
    made = connect(owner_client).json()
    owner_client.delete(f"/api/v1/channels/{made['id']}")
    again = connect(owner_client).json()
    assert (again["id"], again["state"]) == (made["id"], "setup")


@pytest.mark.parametrize("role", ["rep", "agent"])
def test_only_those_who_may_manage_channels(owner_client: Client, browser_of: Any, role: str) -> None:
    made = connect(owner_client).json()
    client = browser_of("alpha", role)
    assert connect(client, app_id="wxffffffffffffffff").status_code == 403
    assert client.get(f"/api/v1/channels/{made['id']}/connection").status_code == 403
    assert client.delete(f"/api/v1/channels/{made['id']}").status_code == 403
    assert post(client, f"/channels/{made['id']}/check").status_code == 403


def test_another_tenants_channel_is_not_there(owner_client: Client, browser_of: Any, owner: Actor) -> None:
    made = connect(owner_client).json()
    stranger = browser_of("beta", "owner")
    for path in ("", "/connection", "/qr-codes"):
        assert stranger.get(f"/api/v1/channels/{made['id']}{path}").status_code == 404
    assert stranger.delete(f"/api/v1/channels/{made['id']}").status_code == 404
    assert Channel.objects.get().state == "setup"


def test_a_kind_that_nobody_brings_is_refused(owner_client: Client) -> None:
    answer = post(owner_client, "/channels", {"kind": "pigeon", "name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (422, "channel_kind_unknown")


def test_a_channel_that_somebody_wrote_through_is_a_step_of_the_first_hour(owner_client: Client) -> None:
    def done() -> set[str]:
        items = owner_client.get("/api/v1/first-hour").json()["items"]
        return {item["code"] for item in items if item["done_at"]}

    made = post(owner_client, "/channels", {"kind": "web", "name": "官网", "settings": {}}).json()
    assert "connect_channel" not in done(), "nothing has come through it yet"
    note_inbound(channel_id=made["id"], sender="visitor")
    assert "connect_channel" in done()
