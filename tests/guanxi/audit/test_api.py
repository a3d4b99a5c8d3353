"""The audit's API: the whole trail for those who may, a record's history for whoever sees the record."""

from typing import Any

import pytest

from guanxi.access import Actor, FieldMode
from guanxi.audit import record_audit
from guanxi.audit import selectors as audit_selectors
from guanxi.audit.api import router
from guanxi.common.errors import NotFound
from guanxi.tenancy import TenantRef, tenant_scope
from tests.guanxi.kernel_client import KernelClient, body, member


def write(count: int, kind: str = "lead", record_id: int = 1) -> None:
    for number in range(count):
        record_audit(
            actor=Actor.system("test"),
            action="update",
            kind=kind,
            record_id=record_id,
            changes={"phone": (str(number), "x")},
        )


def test_pages_hold_every_entry_once_newest_first(alpha: TenantRef) -> None:
    write(7)
    client = KernelClient(router, member(alpha, 1, "audit.read"))
    seen: list[str] = []
    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        page = body(client.get("/audit?limit=3" + (f"&cursor={page['next']}" if page["next"] else "")))
        seen += [entry["changes"]["phone"][0] for entry in page["items"]]
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


def test_filters(alpha: TenantRef) -> None:
    write(1)
    write(1, kind="deal", record_id=2)
    client = KernelClient(router, member(alpha, 1, "audit.read"))
    assert [e["kind"] for e in body(client.get("/audit?kind=deal"))["items"]] == ["deal"]
    assert [e["record_id"] for e in body(client.get("/audit?record_id=1"))["items"]] == [1]
    assert body(client.get("/audit?since=2999-01-01T00:00:00Z"))["items"] == []
    assert body(client.get("/audit?actor_kind=member"))["items"] == []


def test_who_may_not_is_refused(alpha: TenantRef) -> None:
    write(1)
    assert body(KernelClient(router, member(alpha, 1)).get("/audit"), 403)["code"] == "permission_denied"
    assert body(KernelClient(router, None).get("/audit"), 401)["code"] == "not_signed_in"
    assert body(KernelClient(router, member(alpha, 1)).get("/audit/lead/1"), 404)["code"] == "not_found"


def test_whoever_sees_a_record_sees_its_history_under_the_field_modes(
    alpha: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    def access(actor: Actor, record_id: int) -> None:
        if record_id != 1:
            raise NotFound("lead", record_id)

    monkeypatch.setitem(audit_selectors._access, "lead", access)
    record_audit(
        actor=Actor.system("t"),
        action="update",
        kind="lead",
        record_id=1,
        changes={"phone": ("1", "2"), "cost": (1, 2), "name": ("a", "b")},
    )
    write(1, record_id=2)
    actor = member(alpha, 1, field_modes={"lead": {"phone": FieldMode.MASKED, "cost": FieldMode.HIDDEN}})
    client = KernelClient(router, actor)
    (entry,) = body(client.get("/audit/lead/1"))["items"]
    assert entry["changes"] == {"phone": ["***", "***"], "name": ["a", "b"]}
    body(client.get("/audit/lead/2"), 404)


def test_the_other_tenants_trail_is_not_there(alpha: TenantRef, beta: TenantRef) -> None:
    with tenant_scope(beta):
        write(2)
    client = KernelClient(router, member(alpha, 1, "audit.read"))
    assert body(client.get("/audit"))["items"] == []
    assert body(client.get("/audit/lead/1"))["items"] == []
