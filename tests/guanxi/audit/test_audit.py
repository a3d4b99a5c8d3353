"""The audit trail: complete, without secrets, and not to be changed."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from guanxi.access import Actor
from guanxi.audit import diff, record_audit, record_history, snapshot
from guanxi.audit.models import AuditEntry
from guanxi.audit.services import eraser
from guanxi.common import clock
from guanxi.common.context import RequestInfo, set_request_info
from guanxi.jobs.models import Job
from guanxi.tenancy import TenantRef, tenant_scope

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_an_entry_says_who_what_when_and_from_where(alpha: TenantRef) -> None:
    set_request_info(RequestInfo("r-12345678", "203.0.113.9", "test"))
    try:
        with clock.at(NOON):
            entry = record_audit(
                actor=Actor.system("import"),
                action="update",
                kind="deal",
                record_id=7,
                changes={
                    "amount": (Decimal("10.00"), Decimal("12.50")),
                    "closes_on": (None, NOON.date()),
                    "api_token": ("old", "new"),
                },
            )
    finally:
        set_request_info(None)
    entry.refresh_from_db()
    assert (entry.at, entry.actor_kind, entry.actor_name, entry.reason) == (NOON, "system", "system", "import")
    assert (entry.action, entry.kind, entry.record_id, entry.request_id, entry.ip) == (
        "update",
        "deal",
        7,
        "r-12345678",
        "203.0.113.9",
    )
    assert entry.changes == {
        "amount": ["10.00", "12.50"],
        "closes_on": [None, "2026-05-04"],
        "api_token": ["***", "***"],
    }


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET action = 'nothing'",
        "DELETE FROM audit_auditentry",
        "UPDATE audit_auditentry SET changes = '{}'",
    ],
)
def test_the_database_refuses_to_change_an_entry(alpha: TenantRef, statement: str) -> None:
    entry = record_audit(actor=Actor.system("test"), action="create", kind="lead", record_id=1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    entry.refresh_from_db()
    assert entry.action == "create"


def test_the_eraser_may_and_only_for_its_transaction(alpha: TenantRef) -> None:
    entry = record_audit(
        actor=Actor.system("test"), action="create", kind="lead", record_id=1, changes={"name": ("", "王芳")}
    )
    with eraser():
        AuditEntry.objects.filter(pk=entry.pk).update(changes={})
    entry.refresh_from_db()
    assert entry.changes == {}
    with pytest.raises(DatabaseError, match="append-only"):
        AuditEntry.objects.filter(pk=entry.pk).delete()


def test_the_eraser_ends_with_a_failure_too(alpha: TenantRef) -> None:
    entry = record_audit(actor=Actor.system("test"), action="create", kind="lead", record_id=1)
    with pytest.raises(ZeroDivisionError), eraser():
        raise ZeroDivisionError
    with pytest.raises(DatabaseError, match="append-only"):
        AuditEntry.objects.filter(pk=entry.pk).delete()


def test_an_entry_falls_with_its_transaction(alpha: TenantRef) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record_audit(actor=Actor.system("test"), action="create", kind="lead", record_id=1)
        raise ZeroDivisionError
    assert not AuditEntry.objects.exists()


def test_each_tenant_has_its_own_trail_and_its_own_trigger(alpha: TenantRef, beta: TenantRef) -> None:
    record_audit(actor=Actor.system("test"), action="create", kind="lead", record_id=1)
    with tenant_scope(beta):
        assert not AuditEntry.objects.exists()
        entry = record_audit(actor=Actor.system("test"), action="create", kind="lead", record_id=1)
        with pytest.raises(DatabaseError, match="append-only"):
            AuditEntry.objects.filter(pk=entry.pk).delete()


def test_snapshot_and_diff_tell_what_became_different(alpha: TenantRef) -> None:
    job = Job.objects.create(kind="export", total=3)
    before = snapshot(job, ["kind", "total", "result", "started_at"])
    job.total, job.started_at = 5, NOON
    assert diff(before, snapshot(job, ["kind", "total", "result", "started_at"])) == {
        "total": (3, 5),
        "started_at": (None, NOON.isoformat()),
    }
    assert diff({"a": 1}, {"b": 2}) == {"a": (1, None), "b": (None, 2)}


def test_history_of_a_record_newest_first(alpha: TenantRef) -> None:
    for action in ("create", "update"):
        record_audit(actor=Actor.system("test"), action=action, kind="lead", record_id=1)
    record_audit(actor=Actor.system("test"), action="create", kind="lead", record_id=2)
    record_audit(actor=Actor.system("test"), action="create", kind="deal", record_id=1)
    assert [entry.action for entry in record_history("lead", 1)] == ["update", "create"]
