"""Tables that are taken out: what is in them, who gets them, what is written down."""

import io
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from crm.customers.services import create_contact, create_customer
from crm.deals.services import create_deal
from crm.imports.models import Export
from crm.imports.services import file_of_export, make_template, start_export
from crm.imports.services.exporting import expire_export
from crm.imports.sheets import open_table
from crm.imports.sheets.marks import read_mark
from guanxi.access import Actor, FieldMode
from guanxi.audit.models import AuditEntry
from guanxi.common import clock
from guanxi.common.errors import Invalid, NotFound, PermissionDenied
from guanxi.files.models import StoredFile
from tests.crm.imports.tables import content_of, rows_in, take_in, take_out
from tests.people import Team

COLUMNS = ["id", "name", "phone", "kind", "owner_id", "tags", "created_at"]


@pytest.fixture
def customers(owner: Actor) -> list[Any]:
    """Three customers, one of which means harm."""
    values: list[dict[str, Any]] = [
        {"name": "杭州西湖茶业", "phone": "13800001234", "city": "杭州", "tags": ["老客户", "茶"]},
        {"name": '=HYPERLINK("http://x")', "phone": "", "city": "杭州"},
        {"name": "苏州酒店", "phone": "0512-66668888", "city": "苏州"},
    ]
    return [create_customer(actor=owner, values=one) for one in values]


def test_what_the_filter_shows(owner: Actor, customers: list[Any]) -> None:
    export = take_out(owner, COLUMNS, filters={"city": "杭州"})
    assert (export.state, export.rows) == ("done", 2)
    rows = rows_in(content_of(export.file_id))
    assert rows[0][1:] == ["客户名称", "电话", "类型", "负责人", "标签", "创建时间"]
    assert read_mark(rows[0][0]) == export.pk, "an unseen mark tells which export a copied table is from"
    assert rows[1][1] == '\'=HYPERLINK("http://x")'
    assert rows[2][1:6] == ["杭州西湖茶业", "13800001234", "企业", owner.name, "老客户,茶"]
    assert rows[3] == [] and f"导出人 {owner.name}" in rows[4] and f"导出编号 {export.pk}" in rows[4]
    entries = {entry.action: entry.changes for entry in AuditEntry.objects.filter(record_id=export.pk, kind="customer")}
    assert entries["export"]["filters"] == [None, {"city": "杭州"}] and entries["export"]["columns"] == [None, COLUMNS]
    assert entries["export_done"]["rows"] == [None, 2]


def test_chosen_rows_as_a_workbook(owner: Actor, customers: list[Any]) -> None:
    export = take_out(owner, COLUMNS, format_="xlsx", ids=[customers[2].pk, 999_999])
    book = load_workbook(io.BytesIO(content_of(export.file_id)))
    table, mark = book.worksheets
    assert export.rows == 1 and table["B2"].value == "苏州酒店" and table["C2"].value == "051266668888"
    assert mark.title == "水印" and mark["B1"].value == owner.name
    assert book.properties.keywords == f"gx-export-{export.pk}"
    again = open_table(io.BytesIO(content_of(export.file_id)))
    assert again.headers[0] == "编号", "the mark does not stand in the way of an import"


def test_masks_stay_and_hidden_fields_are_not_there(team: Team, customers: list[Any]) -> None:
    from crm.imports.columns.targets import targets_of
    from crm.imports.services.presenting import Presenter, chosen_columns, columns_of

    modes = {"customer": {"phone": FieldMode.MASKED, "city": FieldMode.HIDDEN, "level": FieldMode.READ}}
    reader = replace(team["owner"], field_modes=modes)
    assert "city" not in columns_of(actor=reader, kind="customer")
    with pytest.raises(Invalid):
        start_export(actor=reader, kind="customer", columns=["city"], format_="csv", filters={})
    presenter = Presenter(reader, "customer", chosen_columns(reader, "customer", ["name", "phone"]))
    assert presenter.row(customers[0]) == ["杭州西湖茶业", "138****1234"]
    assert not {"phone", "city", "level"} & set(targets_of(reader, "customer")), "nor can they be filled"


def test_only_who_may_and_only_for_a_day(team: Team, owner: Actor, customers: list[Any]) -> None:
    with pytest.raises(PermissionDenied):
        start_export(actor=team["rep"], kind="customer", columns=["name"], format_="csv", filters={})
    mine = create_customer(actor=team["rep"], values={"name": "销售的客户"})
    theirs = take_out(team["manager"], ["id", "name"])
    assert theirs.rows == 1 and str(mine.pk) in rows_in(content_of(theirs.file_id))[1][0], "a manager has a department"
    export = take_out(owner, ["name"])
    assert file_of_export(actor=owner, export_id=export.pk) == export.file_id
    for actor in (team["manager"], team["admin"]):
        with pytest.raises(NotFound):
            file_of_export(actor=actor, export_id=export.pk)
    with clock.at(clock.now() + timedelta(hours=25)):
        with pytest.raises(NotFound):
            file_of_export(actor=owner, export_id=export.pk)
        expire_export(export.pk)
    assert Export.objects.get(pk=export.pk).state == "expired"
    assert not StoredFile.objects.filter(pk=export.file_id).exists()


def test_other_kinds(owner: Actor, customers: list[Any]) -> None:
    create_contact(actor=owner, values={"name": "李明"}, customer_id=customers[0].pk)
    create_deal(actor=owner, values={"name": "年度", "customer_id": customers[0].pk, "amount": Decimal("1200.50")})
    contacts = rows_in(content_of(take_out(owner, ["name", "customer_id"], kind="contact").file_id))
    assert contacts[1] == ["李明", "杭州西湖茶业"]
    deals = take_out(owner, ["name", "customer_id", "amount", "stage_id", "pipeline_id"], kind="deal")
    row = rows_in(content_of(deals.file_id))[1]
    assert row[:3] == ["年度", "杭州西湖茶业", "1200.50"] and row[3] and row[4]


@pytest.mark.parametrize("kind", ["customer", "contact", "lead", "deal"])
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_templates_are_understood(owner: Actor, kind: str, locale: str, format_: str) -> None:
    name, content = make_template(actor=owner, kind=kind, format_=format_, locale=locale)
    table = open_table(io.BytesIO(content))
    assert name.endswith(format_) and list(table.rows()) == [], "hints and the example are passed over"
    from crm.imports.columns.guessing import guess_mapping
    from crm.imports.columns.targets import targets_of

    assert all(guess_mapping(table.headers, targets_of(owner, kind))), table.headers


def test_a_table_goes_out_and_in_again(owner: Actor, customers: list[Any]) -> None:
    export = take_out(owner, ["id", "name", "phone", "city"], format_="xlsx")
    run = take_in(owner, content_of(export.file_id), name="again.xlsx", match_keys=["id"], on_match="overwrite")
    assert (run.report["bad"], run.counts["changed"], run.counts["skipped"]) == (0, 0, 3), "nothing is different"
