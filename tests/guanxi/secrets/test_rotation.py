"""Rotation: every registered value comes under the current key; one bad value does not stop the others."""

import base64
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from guanxi.jobs.models import Job
from guanxi.secrets import is_current, register_resealer, register_sealed_column, rotation, seal, unseal
from guanxi.tenancy import TenantRef, tenant_scope
from guanxi.timers import defer
from guanxi.timers.models import Due

OLD, NEW = (base64.b64encode(letter * 32).decode() for letter in (b"o", b"n"))


@pytest.fixture
def sealed(alpha: TenantRef, beta: TenantRef, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Put sealed values into a column of both tenants, under the old key, and turn the ring over."""
    monkeypatch.setattr(rotation, "_columns", {})
    monkeypatch.setattr(rotation, "_resealers", {})
    register_sealed_column("jobs.Job", "run_token", field="job.token", row=lambda job: job.kind)
    settings.GUANXI_SECRET_KEYS = f"old:{OLD}"
    made = []
    for ref in (alpha, beta):
        with tenant_scope(ref):
            made.append(Job.objects.create(kind="k", run_token=seal(ref.slug, field="job.token", row="k")).pk)
            Job.objects.create(kind="empty")
    settings.GUANXI_SECRET_KEYS = f"new:{NEW},old:{OLD}"
    return made


def test_all_workspaces_and_a_second_run_changes_nothing(
    sealed: list[int], alpha: TenantRef, beta: TenantRef, settings: Settings
) -> None:
    calls: list[str] = []

    def own() -> int:
        calls.append("once a schema")
        return 1

    register_resealer("own", own)
    out = StringIO()
    call_command("rotate_secrets", stdout=out)
    assert f"{alpha.schema}: jobs.Job.run_token: 1" in out.getvalue() and len(calls) == 2
    settings.GUANXI_SECRET_KEYS = f"new:{NEW}"
    for ref, pk in zip((alpha, beta), sealed, strict=True):
        with tenant_scope(ref):
            token = Job.objects.get(pk=pk).run_token
            assert is_current(token) and unseal(token, field="job.token", row="k") == ref.slug
    out = StringIO()
    call_command("rotate_secrets", stdout=out)
    assert "run_token" not in out.getvalue()


def test_a_value_that_cannot_be_opened_is_named_and_stays(sealed: list[int], alpha: TenantRef, beta: TenantRef) -> None:
    Job.objects.filter(pk=sealed[0]).update(run_token=seal("moved", field="job.token", row="another"))
    Job.objects.filter(pk=sealed[0]).update(
        run_token=Job.objects.get(pk=sealed[0]).run_token.replace("v1.new", "v1.old")
    )
    with pytest.raises(CommandError, match=alpha.schema):
        call_command("rotate_secrets", stdout=StringIO(), stderr=StringIO())
    with tenant_scope(beta):
        assert is_current(Job.objects.get(pk=sealed[1]).run_token)


def test_public_columns_are_done_in_public(alpha: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "_columns", {})
    monkeypatch.setattr(rotation, "_resealers", {})
    register_sealed_column("timers.Due", "error", field="f", public=True)
    defer("x", {})
    assert rotation.reseal_current_schema() == {}
    Due.objects.all().delete()
