"""Definitions: who may make them, what makes no sense, what may change, what pages and programs are told."""

from typing import Any

import pytest

from crm.customers.services import update_customer
from guanxi.access import Actor
from guanxi.audit.models import AuditEntry
from guanxi.common.errors import Conflict, Invalid, PermissionDenied
from guanxi.customfields.models import CustomField, CustomUnique, CustomValue
from guanxi.customfields.selectors import definitions_of
from guanxi.customfields.services import (
    archive_field,
    create_field,
    rebuild_field,
    reorder_fields,
    restore_field,
    update_field,
)
from guanxi.events.models import OutboxEvent
from guanxi.jobs.models import Job
from guanxi.jobs.services import claim_job
from tests.crm.custom.makers import customer, field
from tests.people import Team

OPTIONS = [{"label": "绿茶"}, {"label": "红茶"}]
SYSTEM = "test"


def run(job_id: int | None) -> Job:
    assert job_id is not None
    job = claim_job(job_id)
    assert job is not None
    rebuild_field(job)
    return job


def test_only_who_runs_the_workspace(team: Team) -> None:
    values = {"label": "年采购量", "type": "number"}
    for role in ("rep", "manager", "agent"):
        with pytest.raises(PermissionDenied):
            create_field(actor=team[role], kind="customer", values=values)
    made = create_field(actor=team["admin"], kind="customer", values=values)
    assert made.key == "niancaigouliang"
    assert create_field(actor=team["admin"], kind="customer", values=values).key == "niancaigouliang_2"
    assert AuditEntry.objects.filter(kind="custom_field", record_id=made.pk, action="create").exists()
    event = OutboxEvent.objects.filter(kind="custom_field.changed", aggregate_id=made.pk).get()
    assert event.data == {"kind": "customer", "key": "niancaigouliang"}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"type": "text", "label": "  "}, "label_missing"),
        ({"type": "text", "label": "A", "key": "Bad Key"}, "key_invalid"),
        ({"type": "odd", "label": "A"}, "type_unknown"),
        ({"type": "choice", "label": "A"}, "options_missing"),
        ({"type": "text", "label": "A", "options": OPTIONS}, "options_not_here"),
        ({"type": "choice", "label": "A", "options": [{"id": "x", "label": "1"}] * 2}, "option_twice"),
        ({"type": "boolean", "label": "A", "unique": True}, "unique_not_here"),
        ({"type": "long_text", "label": "A", "filterable": True}, "filter_not_here"),
        ({"type": "number", "label": "A", "searchable": True}, "search_not_here"),
        ({"type": "number", "label": "A", "default": "many"}, "default_invalid"),
        ({"type": "number", "label": "A", "config": {"min": 3, "max": 1}}, "limit_invalid"),
        ({"type": "relation", "label": "A", "config": {"relation": "nothing"}}, "relation_unknown"),
        ({"type": "formula", "label": "A", "config": {"formula": "{nowhere}"}}, "formula_field"),
        ({"type": "formula", "label": "A", "config": {"formula": "1 +"}}, "formula_syntax"),
        ({"type": "formula", "label": "A", "config": {"formula": "{name} * 2"}}, "formula_types"),
        ({"type": "auto_number", "label": "A", "config": {"period": "week"}}, "auto_number_pattern"),
        ({"type": "text", "label": "A", "show_when": {"field": "custom.no", "op": "eq"}}, "show_when_invalid"),
    ],
)  # fmt: skip
def test_what_makes_no_sense(owner: Actor, values: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        create_field(actor=owner, kind="customer", values=values)
    assert caught.value.code == code
    assert not CustomField.objects.exists()


def test_kinds_without(owner: Actor) -> None:
    with pytest.raises(Invalid, match="no custom fields"):
        create_field(actor=owner, kind="conversation", values={"type": "text", "label": "A"})


def test_type_changes_only_where_values_stay_good(owner: Actor, rep: Actor) -> None:
    text = field("text", "a")
    customer(rep, a="x")
    assert update_field(actor=owner, field_id=text.pk, changes={"type": "long_text"}).type == "long_text"
    with pytest.raises(Invalid) as caught:
        update_field(actor=owner, field_id=text.pk, changes={"type": "number"})
    assert caught.value.code == "type_change_unsafe"


def test_options_are_put_away(owner: Actor, rep: Actor) -> None:
    made = field("choice", "tea", options=OPTIONS)
    options = [{"id": "o2", "label": "红茶 Black"}, {"label": "白茶"}]
    changed = update_field(actor=owner, field_id=made.pk, changes={"options": options})
    assert [(one["id"], one["label"], one["archived"]) for one in changed.options] == [
        ("o2", "红茶 Black", False), ("o3", "白茶", False), ("o1", "绿茶", True),
    ]  # fmt: skip


def test_archive_and_restore(owner: Actor, rep: Actor) -> None:
    made = field("number", "n", filterable=True)
    one = customer(rep, n=5)
    formula = field("formula", "twice", config={"formula": "{custom.n} * 2"})
    with pytest.raises(Conflict) as caught:
        archive_field(actor=owner, field_id=made.pk)
    assert caught.value.params == {"fields": ["twice"]}
    archive_field(actor=owner, field_id=formula.pk)
    archive_field(actor=owner, field_id=made.pk)
    assert definitions_of("customer") == []
    back = restore_field(actor=owner, field_id=made.pk)
    one.refresh_from_db()
    assert one.custom["n"] == 5 and back.indexed_at is None
    run(back.job_id)
    assert CustomField.objects.get(pk=made.pk).indexed_at is not None
    with pytest.raises(Invalid) as refused:
        create_field(actor=owner, kind="customer", values={"type": "text", "label": "x", "key": "n"})
    assert refused.value.code == "key_taken"


def test_order(owner: Actor) -> None:
    ids = [field("text", key).pk for key in "abc"]
    reorder_fields(actor=owner, kind="customer", field_ids=[ids[2], ids[0]])
    assert [one.key for one in definitions_of("customer")] == ["c", "a", "b"]


def test_limit(owner: Actor) -> None:
    CustomField.objects.bulk_create(
        [CustomField(kind="customer", key=f"k{number}", label="x", type="text") for number in range(100)]
    )
    with pytest.raises(Conflict) as caught:
        create_field(actor=owner, kind="customer", values={"type": "text", "label": "A"})
    assert caught.value.code == "too_many_fields"


def test_job_works_the_records_in(owner: Actor, rep: Actor) -> None:
    text = field("text", "tax")
    rows = [customer(rep, f"C{number}", tax="same" if number < 3 else str(number)) for number in range(5)]
    changed = update_field(actor=owner, field_id=text.pk, changes={"unique": True, "filterable": True})
    assert changed.indexed_at is None
    job = run(changed.job_id)
    assert job.result == {"clashes": [[rows[1].pk, rows[0].pk], [rows[2].pk, rows[0].pk]], "records": 5}
    assert CustomValue.objects.filter(field=text).count() == 5
    assert CustomUnique.objects.filter(field=text).count() == 3
    # Whoever clashes may be edited otherwise, and is checked when the value is touched.
    update_customer(actor=rep, customer_id=rows[1].pk, changes={"city": "杭州"})
    with pytest.raises(Invalid):
        update_customer(actor=rep, customer_id=rows[1].pk, changes={"custom": {"tax": "3"}})


def test_job_numbers_and_computes(owner: Actor, rep: Actor) -> None:
    rows = [customer(rep, f"C{number}") for number in range(3)]
    run(field("auto_number", "no", config={"prefix": "KH-", "digits": 4}).job_id)
    made = field("formula", "tag", config={"formula": "concat({name}, '/', {custom.no})"})
    run(made.job_id)
    for number, row in enumerate(rows):
        row.refresh_from_db()
        assert row.custom == {"no": f"KH-000{number + 1}", "tag": f"C{number}/KH-000{number + 1}"}
    changed = update_field(actor=owner, field_id=made.pk, changes={"config": {"formula": "{custom.no}"}})
    run(changed.job_id)
    rows[0].refresh_from_db()
    assert rows[0].custom["tag"] == "KH-0001" and rows[0].version == 1
    assert customer(rep, "Next").custom["no"] == "KH-0004"


def test_pages_are_told(browser_of: Any, team: Team) -> None:
    admin, rep = browser_of("alpha", "admin"), browser_of("alpha", "rep")
    body = {"kind": "customer", "type": "choice", "label": "茶类", "key": "tea", "options": OPTIONS}
    answer = admin.post("/api/v1/custom-fields", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert rep.post("/api/v1/custom-fields", body, content_type="application/json").status_code == 403
    fields = {one["name"]: one for one in rep.get("/api/v1/record-fields/customer").json()}
    assert fields["custom.tea"]["options"][0]["label"] == "绿茶"
    assert fields["name"]["required"] and fields["custom.tea"]["mode"] == "edit"
    layout = rep.get("/api/v1/record-layouts/customer").json()
    assert layout["sections"][2] == {"code": "custom", "label": "", "label_en": "", "fields": ["custom.tea"]}
    sections = [{"code": "basic", "fields": ["custom.tea", "name"]}, {"label": "茶", "fields": ["city"]}]
    put = {"content_type": "application/json"}
    assert rep.put("/api/v1/record-layouts/customer", {"sections": sections}, **put).status_code == 403
    assert admin.put("/api/v1/record-layouts/customer", {"sections": sections}, **put).status_code == 200
    shown = rep.get("/api/v1/record-layouts/customer").json()
    assert shown["own"] and [one["fields"] for one in shown["sections"]] == [["custom.tea", "name"], ["city"]]
    twice = [{"code": "basic", "fields": ["name", "name"]}]
    assert admin.put("/api/v1/record-layouts/customer", {"sections": twice}, **put).status_code == 422
    rep_only = {"role": "rep", "sections": [{"code": "basic", "fields": ["city"]}]}
    assert admin.put("/api/v1/record-layouts/customer", rep_only, **put).status_code == 200
    assert rep.get("/api/v1/record-layouts/customer").json()["sections"][0]["fields"] == ["city"]
    assert admin.get("/api/v1/record-layouts/customer").json()["sections"][0]["fields"] == ["custom.tea", "name"]
    assert admin.delete("/api/v1/record-layouts/customer?role=rep").status_code == 204
    assert rep.get("/api/v1/record-layouts/customer").json()["sections"][1]["fields"] == ["city"]
