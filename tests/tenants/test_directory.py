"""From host, schema or key to a tenant: cached, kept right, and never another one's."""

import uuid
from typing import Any

import pytest
from django.core.cache import cache

from guanxi.access import Actor
from guanxi.common.errors import Conflict, Invalid
from guanxi.tenancy import TenantRef, each_tenant, find_tenant, public_scope, tenant_scope
from guanxi.tenancy.hosts import HostKind, resolve_host
from tenants.workspaces.models import Domain, Workspace
from tenants.workspaces.selectors import resolve_route
from tenants.workspaces.services import (
    add_domain,
    change_state,
    register_route,
    release_route,
)
from tenants.workspaces.services.life import MOVES
from tests.tenants.forms import Browsers


def test_hosts(alpha: TenantRef, beta: TenantRef) -> None:
    assert resolve_host("localhost") == (HostKind.BASE, None)
    assert resolve_host(f"{beta.slug}.localhost") == (HostKind.WORKSPACE, beta)
    assert resolve_host(f"{alpha.slug.upper()}.LOCALHOST.") == (HostKind.WORKSPACE, alpha)
    assert resolve_host("nobody.localhost") == (HostKind.UNKNOWN, None)
    assert resolve_host(f"x.{alpha.slug}.localhost") == (HostKind.UNKNOWN, None)
    assert resolve_host("") == (HostKind.UNKNOWN, None)


def test_second_look_asks_no_database(alpha: TenantRef, django_assert_num_queries: Any) -> None:
    resolve_host(f"{alpha.slug}.localhost")
    find_tenant(alpha.schema)
    with django_assert_num_queries(0):
        assert resolve_host(f"{alpha.slug}.localhost")[1] == alpha
        assert find_tenant(alpha.schema) == alpha


def test_without_redis_the_database_answers(alpha: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(
        type(cache._connections["default"]) if hasattr(cache, "_connections") else type(cache), "get", broken
    )
    assert resolve_host(f"{alpha.slug}.localhost")[1] == alpha


def test_each_tenant_lists_both(alpha: TenantRef, beta: TenantRef) -> None:
    assert list(each_tenant()) == [alpha, beta]


def test_deleted_workspace_leads_nowhere(alpha: TenantRef, beta: TenantRef) -> None:
    assert resolve_host(f"{beta.slug}.localhost")[0] is HostKind.WORKSPACE
    system = Actor.system("test")
    change_state(actor=system, workspace_id=beta.id, to="closing", reason="asked")
    assert resolve_host(f"{beta.slug}.localhost")[0] is HostKind.WORKSPACE
    change_state(actor=system, workspace_id=beta.id, to="deleted", reason="asked")
    assert resolve_host(f"{beta.slug}.localhost")[0] is HostKind.UNKNOWN
    assert find_tenant(beta.schema) is None
    assert list(each_tenant()) == [alpha]


def test_every_state_but_the_last_has_its_way_back() -> None:
    for state, onward in MOVES.items():
        if state not in {"deleted", "provisioning"}:
            assert onward & {"active"} or state == "active"
    assert MOVES["deleted"] == frozenset()


def test_move_that_the_machine_has_not_is_refused_and_history_is_kept(alpha: TenantRef) -> None:
    system = Actor.system("test")
    with pytest.raises(Conflict) as refused:
        change_state(actor=system, workspace_id=alpha.id, to="provisioning", reason="never")
    assert refused.value.code == "state_not_allowed"
    change_state(actor=system, workspace_id=alpha.id, to="active", reason="paid")
    with public_scope():
        workspace = Workspace.objects.get(pk=alpha.id)
        last = workspace.transitions.order_by("-pk").first()
    assert workspace.state == "active"
    assert last is not None
    assert (last.from_state, last.to_state, last.reason) == ("trialing", "active", "paid")
    assert last.lasted.total_seconds() >= 0


def test_routes_lead_home_and_to_nobody_else(alpha: TenantRef, beta: TenantRef) -> None:
    app = f"wx{uuid.uuid4().hex[:16]}"
    assert resolve_route("wechat_app", app) is None
    register_route("wechat_app", app)
    register_route("wechat_app", app)
    assert resolve_route("wechat_app", app) == alpha
    with tenant_scope(beta):
        with pytest.raises(Conflict) as refused:
            register_route("wechat_app", app)
        assert refused.value.code == "route_taken"
        release_route("wechat_app", app)
    assert resolve_route("wechat_app", app) == alpha
    assert resolve_route("widget_key", app) is None
    release_route("wechat_app", app)
    assert resolve_route("wechat_app", app) is None


@pytest.mark.parametrize(
    "host", ["localhost", "shop.localhost", "nodots", "a b.cn", "-x.cn", "http://x.cn", "1.2.3.4", ""]
)
def test_host_that_cannot_be_ones_own_is_refused(owner: Actor, host: str) -> None:
    with pytest.raises(Invalid):
        add_domain(actor=owner, host=host)
    with public_scope():
        assert not Domain.objects.exists()


def test_domains_over_the_api(browser_of: Browsers) -> None:
    boss = browser_of("alpha", "owner")
    made = boss.post("/api/v1/domains", {"host": "茶.example.cn"}, content_type="application/json")
    assert made.status_code == 201, made.content
    assert made.json()["host"] == "xn--1lq.example.cn" or made.json()["host"].startswith("xn--")
    assert made.json()["record_name"] == f"_guanxi.{made.json()['host']}"
    assert [item["id"] for item in boss.get("/api/v1/domains").json()["items"]] == [made.json()["id"]]
    stranger = browser_of("beta", "owner")
    assert stranger.get("/api/v1/domains").json()["items"] == []
    assert stranger.delete(f"/api/v1/domains/{made.json()['id']}").status_code == 404
    assert browser_of("alpha", "rep").get("/api/v1/domains").status_code == 403
    assert boss.delete(f"/api/v1/domains/{made.json()['id']}").status_code == 204


def test_workspace_over_the_api(browser_of: Browsers) -> None:
    boss = browser_of("alpha", "owner")
    changed = boss.patch("/api/v1/workspace", {"name": "新名字", "locale": "en"}, content_type="application/json")
    assert (changed.json()["name"], changed.json()["locale"]) == ("新名字", "en")
    assert browser_of("beta", "owner").get("/api/v1/workspace").json()["name"] != "新名字"
    assert (
        browser_of("alpha", "rep")
        .patch("/api/v1/workspace", {"name": "x"}, content_type="application/json")
        .status_code
        == 403
    )
