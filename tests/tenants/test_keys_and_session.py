"""API keys, the session endpoint and one's own profile."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from guanxi.access import Actor, ActorKind, Scope
from guanxi.common import clock
from guanxi.common.errors import Invalid, PermissionDenied
from guanxi.tenancy import TenantRef, tenant_scope
from tenants.members import selectors, services
from tenants.members.models import ApiKey, Member
from tests.people import Team
from tests.tenants.forms import Browsers, base_client, host_client, id_of, post


def get(client: Client, key: str, path: str = "/api/public/v1/members") -> Any:
    return client.get(path, headers={"authorization": f"Bearer {key}"})


def test_key_opens_its_tenant_from_both_hosts_and_no_other(owner: Actor, alpha: TenantRef, beta: TenantRef) -> None:
    key = services.create_api_key(actor=owner, name="Shop", permissions=["member.read"]).key
    for client in (base_client(), host_client(alpha.slug)):
        answer = get(client, key)
        assert answer.status_code == 200, answer.content
        assert {item["email"].split("@")[1] for item in answer.json()["items"]} == {"alpha.example.com"}
    assert get(host_client(beta.slug), key).status_code == 401
    with tenant_scope(beta):
        assert selectors.load_key_actor(key) is None


def test_key_does_what_it_was_given_and_nothing_else(owner: Actor) -> None:
    key = services.create_api_key(actor=owner, name="Shop", permissions=["member.read"]).key
    actor = selectors.load_key_actor(key)
    assert actor is not None
    assert actor.kind is ActorKind.API_KEY
    assert {permission: {grant.scope for grant in reach} for permission, reach in actor.grants.items()} == {
        "member.read": {Scope.ALL}
    }
    assert get(base_client(), key, "/api/public/v1/roles").status_code == 403
    assert get(base_client(), key, "/api/public/v1/api-keys").status_code == 404


def test_key_that_acts_as_a_member_has_the_members_scopes_and_ends_with_it(team: Team) -> None:
    made = services.create_api_key(
        actor=team["admin"],
        name="Mine",
        permissions=["member.read", "role.read"],
        acts_as_member=True,
        member_id=team["admin"].member_id,
    )
    actor = selectors.load_key_actor(made.key)
    assert actor is not None
    assert (actor.member_id, set(actor.grants)) == (team["admin"].member_id, {"member.read", "role.read"})
    services.update_member(actor=team["owner"], member_id=id_of(team["admin"]), changes={"roles": ["rep"]})
    actor = selectors.load_key_actor(made.key)
    assert actor is not None
    assert set(actor.grants) <= {"member.read", "role.read"}
    services.switch_member_off(actor=team["owner"], member_id=id_of(team["admin"]))
    assert selectors.load_key_actor(made.key) is None


def test_only_the_digest_is_kept_and_use_is_noted(owner: Actor) -> None:
    made = services.create_api_key(actor=owner, name="Shop", permissions=["member.read"])
    row = ApiKey.objects.get()
    assert made.key not in str(vars(row))
    assert row.last_used_at is None
    get(base_client(), made.key)
    row.refresh_from_db()
    assert row.last_used_at is not None


def test_revoked_ended_or_altered_key_is_worth_nothing(owner: Actor) -> None:
    made = services.create_api_key(
        actor=owner, name="Shop", permissions=["member.read"], expires_at=clock.now() + timedelta(days=1)
    )
    assert get(base_client(), made.key[:-1] + ("a" if made.key[-1] != "a" else "b")).status_code == 401
    with clock.at(clock.now() + timedelta(days=2)):
        assert get(base_client(), made.key).status_code == 401
    assert get(base_client(), made.key).status_code == 200
    services.revoke_api_key(actor=owner, key_id=made.id)
    assert get(base_client(), made.key).status_code == 401


@pytest.mark.parametrize("token", ["", "gx", "gx_", "gx__", "gx_abc", "xx_abc_def", "gx_nobody_" + "x" * 43, "é" * 30])
def test_malformed_key_is_refused(alpha: TenantRef, token: str) -> None:
    assert selectors.load_key_actor(token) is None
    if token.isascii():
        assert get(base_client(), token).status_code == 401


def test_nobody_makes_a_key_stronger_than_himself(team: Team) -> None:
    with pytest.raises(PermissionDenied):
        services.create_api_key(actor=team["rep"], name="x", permissions=["member.read"])
    with pytest.raises(Invalid):
        services.create_api_key(actor=team["admin"], name="x", permissions=["workspace.close"])
    with pytest.raises(Invalid):
        services.create_api_key(actor=team["owner"], name="x", permissions=["api_key.manage"])
    with pytest.raises(Invalid):
        services.create_api_key(actor=team["owner"], name="x", permissions=[])
    with pytest.raises(Invalid):
        services.create_api_key(
            actor=team["admin"],
            name="x",
            permissions=["member.read"],
            acts_as_member=True,
            member_id=team["owner"].member_id,
        )
    assert not ApiKey.objects.exists()


def test_keys_over_the_api(browser_of: Browsers) -> None:
    boss = browser_of("alpha", "owner")
    made = post(boss, "/api/v1/api-keys", {"name": "Shop", "permissions": ["member.read"]}).json()
    assert made["key"].startswith("gx_")
    listed = boss.get("/api/v1/api-keys").json()["items"]
    assert [item["name"] for item in listed] == ["Shop"]
    assert made["key"] not in str(listed)
    assert boss.delete(f"/api/v1/api-keys/{made['id']}").status_code == 204
    assert boss.get("/api/v1/api-keys").json()["items"][0]["revoked_at"] is not None
    assert browser_of("alpha", "manager").get("/api/v1/api-keys").status_code == 403
    assert browser_of("beta", "owner").delete(f"/api/v1/api-keys/{made['id']}").status_code == 404


def test_session_of_nobody_tells_the_workspace_and_no_more(alpha: TenantRef) -> None:
    session = host_client(alpha.slug).get("/api/v1/session").json()
    assert session["signed_in"] is False
    assert session["member"] is None
    assert (session["permissions"], session["scopes"]) == ([], {})
    assert session["workspace"]["name"] == "Alpha"
    assert session["csrf_token"]


def test_session_of_a_member_holds_what_the_page_draws(browser_of: Browsers, team: Team) -> None:
    session = browser_of("alpha", "rep").get("/api/v1/session").json()
    assert session["member"]["roles"] == ["rep"]
    assert "api_key.manage" not in session["permissions"]
    assert session["permissions"] == sorted(team["rep"].grants)
    assert session["scopes"]["member.read"] == "ALL"
    assert session["workspace"]["slug"] == "alpha"
    assert session["unread_notifications"] == 0


def test_csrf_token_of_the_session_is_what_writes_need(browser_of: Browsers) -> None:
    client = browser_of("alpha", "rep")
    token = client.get("/api/v1/session").json()["csrf_token"]
    client.handler.enforce_csrf_checks = True
    refused = client.patch("/api/v1/session/profile", {"theme": "dark"}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    done = client.patch(
        "/api/v1/session/profile", {"theme": "dark"}, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert done.status_code == 200, done.content
    assert done.json()["theme"] == "dark"


def test_profile_is_changed_and_merged(browser_of: Browsers, team: Team) -> None:
    client = browser_of("alpha", "rep")

    def change(body: dict[str, Any]) -> Any:
        return client.patch("/api/v1/session/profile", body, content_type="application/json")

    change({"settings": {"density": "compact"}})
    done = change({"locale": "en", "timezone": "Europe/Paris", "settings": {"away": True}}).json()
    assert (done["locale"], done["timezone"]) == ("en", "Europe/Paris")
    assert done["settings"] == {"density": "compact", "away": True}
    member = Member.objects.select_related("user").get(pk=id_of(team["rep"]))
    assert member.user.locale == "en"
    bad = change({"locale": "xx", "theme": "pink", "timezone": "Mars/Olympus", "name": "kept?"})
    assert bad.json()["fields"] == {"locale": "unknown", "theme": "unknown", "timezone": "unknown"}
    member.refresh_from_db()
    assert member.name == "Rep"


def test_profile_is_nobodys_without_signing_in(alpha: TenantRef) -> None:
    answer = host_client(alpha.slug).patch(
        "/api/v1/session/profile", {"theme": "dark"}, content_type="application/json"
    )
    assert answer.status_code == 401
