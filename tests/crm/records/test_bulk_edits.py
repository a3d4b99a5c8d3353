"""Bulk edits: what is refused is told and leaves the rest alone; what is still ours can be taken back."""

import json
from datetime import timedelta
from typing import Any

import pytest

from crm.customers.models import Customer
from crm.customers.services import create_customer, update_customer
from crm.records.edits import runner
from crm.records.edits.services import Edit, start_bulk_edit, undo_bulk_edit
from crm.records.models import BulkRow
from guanxi.access import Actor
from guanxi.audit.models import AuditEntry
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound, PermissionDenied
from guanxi.jobs import Job
from guanxi.tenancy import TenantRef
from tests.conftest import SignedIn
from tests.people import Team


def _made(actor: Actor, number: int = 3, **values: Any) -> list[int]:
    return [create_customer(actor=actor, values={"name": f"客户{n}", **values}).pk for n in range(number)]


def _done(job: Job) -> Job:
    runner.run_edit(job)
    job.finish(message_code=job.message_code, message_params=job.message_params, result=job.result)
    return Job.objects.get(pk=job.pk)


def _undone(job: Job) -> Job:
    runner.run_undo(job)
    return job


def _edit(actor: Actor, ids: list[int] | None, edit: Edit, **more: Any) -> Job:
    return _done(start_bulk_edit(actor=actor, kind="customer", edit=edit, ids=ids, **more))


def test_fields_are_set_and_put_back(rep: Actor) -> None:
    ids = _made(rep, city="杭州", next_action_at=clock.now())
    before = list(Customer.objects.filter(pk__in=ids).order_by("pk").values("city", "level", "next_action_at"))
    values = {"city": "上海", "level": "A", "next_action_at": "2030-01-02T03:04:05+00:00"}
    job = _edit(rep, ids, Edit("set", values))
    assert job.result["changed"] == 3
    assert set(Customer.objects.filter(pk__in=ids).values_list("city", "level")) == {("上海", "A")}
    assert {row.next_action_at.year for row in Customer.objects.filter(pk__in=ids) if row.next_action_at} == {2030}
    undo = _undone(undo_bulk_edit(actor=rep, job_id=job.pk))
    assert undo.result["changed"] == 3
    after = list(Customer.objects.filter(pk__in=ids).order_by("pk").values("city", "level", "next_action_at"))
    assert after == before
    assert AuditEntry.objects.filter(action="bulk_edit", kind="customer", record_id=job.pk).count() == 1
    assert AuditEntry.objects.filter(action="bulk_undo", kind="customer", record_id=job.pk).count() == 1
    assert AuditEntry.objects.filter(action="update", kind="customer", record_id=ids[0]).count() == 2


def test_what_has_changed_since_is_not_put_back(rep: Actor) -> None:
    ids = _made(rep)
    job = _edit(rep, ids, Edit("set", {"city": "上海"}))
    update_customer(actor=rep, customer_id=ids[1], changes={"level": "B"})
    undo = _undone(undo_bulk_edit(actor=rep, job_id=job.pk))
    assert (undo.result["changed"], undo.result["failed"]) == (2, 1)
    assert undo.result["failures"] == [{"id": ids[1], "title": "客户1", "code": "version_conflict"}]
    assert list(Customer.objects.filter(pk__in=ids).order_by("pk").values_list("city", flat=True)) == ["", "上海", ""]


def test_what_is_refused_is_told_and_the_rest_is_done(team: Team) -> None:
    mine, theirs = _made(team["rep"], 2), _made(team["rep2"], 1)
    job = _edit(team["rep"], [*mine, *theirs, 999_999], Edit("add_tags", tags=("重点",)))
    assert (job.result["changed"], job.result["failed"]) == (2, 2)
    assert job.result["failures"] == [
        {"id": theirs[0], "title": "", "code": "not_found"},
        {"id": 999_999, "title": "", "code": "not_found"},
    ]
    assert Customer.objects.get(pk=theirs[0]).tags == []


def test_tags_are_added_and_removed_beside_others(rep: Actor) -> None:
    one, two = _made(rep, 1, tags=["茶", "旧"]) + _made(rep, 1, tags=["重点"])
    added = _edit(rep, [one, two], Edit("add_tags", tags=("重点", "新")))
    assert Customer.objects.get(pk=one).tags == ["茶", "旧", "重点", "新"]
    assert Customer.objects.get(pk=two).tags == ["重点", "新"]
    assert added.result["changed"] == 2
    again = _edit(rep, [one, two], Edit("add_tags", tags=("重点",)))
    assert (again.result["changed"], again.result["unchanged"]) == (0, 2)
    _edit(rep, [one], Edit("remove_tags", tags=("旧",)))
    assert Customer.objects.get(pk=one).tags == ["茶", "重点", "新"]


def test_all_that_fit_a_filter_are_given_to_somebody_and_back(team: Team) -> None:
    owner, rep2 = team["owner"], team["rep2"]
    ids = _made(team["rep"], 2, city="杭州")
    others = _made(team["rep"], 1, city="苏州")
    fits = {"filter": json.dumps([{"field": "city", "op": "eq", "value": "杭州"}])}
    job = _edit(owner, None, Edit("assign", owner_id=rep2.member_id), filters=fits)
    assert set(Customer.objects.filter(pk__in=ids).values_list("owner_id", flat=True)) == {rep2.member_id}
    assert Customer.objects.get(pk=others[0]).owner_id == team["rep"].member_id
    _undone(undo_bulk_edit(actor=owner, job_id=job.pk))
    assert set(Customer.objects.filter(pk__in=ids).values_list("owner_id", flat=True)) == {team["rep"].member_id}


def test_archived_and_restored(rep: Actor) -> None:
    ids = _made(rep)
    job = _edit(rep, ids, Edit("archive"))
    assert Customer.objects.filter(pk__in=ids, archived_at__isnull=True).count() == 0
    _undone(undo_bulk_edit(actor=rep, job_id=job.pk))
    assert Customer.objects.filter(pk__in=ids, archived_at__isnull=True).count() == 3


def test_a_run_that_was_cut_goes_on(rep: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CHUNK", 2)
    ids = _made(rep, 5)
    job = start_bulk_edit(actor=rep, kind="customer", edit=Edit("set", {"city": "上海"}), ids=ids)
    rows = list(BulkRow.objects.filter(job_id=job.pk).order_by("pk")[:2])
    for row in rows:
        runner._edit_row(rep, "customer", Edit("set", {"city": "上海"}), row)
    assert _done(job).result["changed"] == 5
    assert set(Customer.objects.filter(pk__in=ids).values_list("version", flat=True)) == {2}


def test_undo_is_ones_own_once_and_for_ten_minutes(team: Team) -> None:
    rep = team["rep"]
    job = _edit(rep, _made(rep), Edit("set", {"city": "上海"}))
    with pytest.raises(NotFound):
        undo_bulk_edit(actor=team["owner"], job_id=job.pk)
    with clock.at(clock.now() + timedelta(minutes=11)), pytest.raises(Conflict):
        undo_bulk_edit(actor=rep, job_id=job.pk)
    undo_bulk_edit(actor=rep, job_id=job.pk)
    with pytest.raises(Conflict):
        undo_bulk_edit(actor=rep, job_id=job.pk)
    running = start_bulk_edit(actor=rep, kind="customer", edit=Edit("archive"), ids=_made(rep, 1))
    with pytest.raises(Conflict):
        undo_bulk_edit(actor=rep, job_id=running.pk)


@pytest.mark.parametrize(
    ("edit", "ids", "code"),
    [
        (Edit("set", {"owner_id": 1}), [1], "field_not_editable"),
        (Edit("set", {"nothing": 1}), [1], "field_not_editable"),
        (Edit("set"), [1], "values_missing"),
        (Edit("add_tags"), [1], "tags_missing"),
        (Edit("assign"), [1], "owner_missing"),
        (Edit("drop"), [1], "unknown_action"),
        (Edit("archive"), [], "nothing_selected"),
        (Edit("archive"), list(range(10_001)), "too_many_rows"),
    ],
)
def test_what_cannot_be_asked(rep: Actor, edit: Edit, ids: list[int], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        start_bulk_edit(actor=rep, kind="customer", edit=edit, ids=ids)
    assert refusal.value.code == code


def test_the_right_to_edit_in_bulk_is_needed(team: Team) -> None:
    with pytest.raises(PermissionDenied):
        start_bulk_edit(actor=team["agent"], kind="deal", edit=Edit("archive"), ids=[1])


@pytest.mark.parametrize("kind", ["customers", "contacts", "leads", "deals"])
def test_every_kind_over_the_api(alpha: TenantRef, kind: str, browser_of: type[SignedIn]) -> None:
    client = browser_of("alpha", "rep")
    made = client.post(f"/api/v1/{kind}", {"name": "某某"}, content_type="application/json").json()
    body = {"action": "add_tags", "tags": ["重点"], "filters": {"archived": "false", "q": "某某"}}
    answer = client.post(f"/api/v1/bulk-edits/{kind[:-1]}", body, content_type="application/json")
    assert answer.status_code == 202, answer.content
    job = Job.objects.get(pk=answer.json()["id"])
    assert job.total == 1
    assert _done(job).result["changed"] == 1
    assert client.get(f"/api/v1/{kind}/{made['id']}").json()["tags"] == ["重点"]
    undo = client.post(f"/api/v1/bulk-edits/{job.pk}/undo")
    assert undo.status_code == 202, undo.content
    _undone(Job.objects.get(pk=undo.json()["id"]))
    assert client.get(f"/api/v1/{kind}/{made['id']}").json()["tags"] == []
