"""Tables become records: mapping, errors, duplicates, owners, undoing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.activities.services import log_activity
from crm.customers.models import Contact, Customer, Identity
from crm.customers.selectors import find_customers
from crm.customers.services import create_customer, update_customer
from crm.deals.models import Deal
from crm.imports.models import Import, RememberedMapping
from crm.imports.services import start_check, start_run, start_undo
from crm.imports.types import CHUNK, Options
from crm.leads.models import Lead
from crm.records.models import StateChange
from guanxi.access import Actor
from guanxi.audit.models import AuditEntry
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound, PermissionDenied
from guanxi.events.models import OutboxEvent
from tests.crm.imports.tables import check, content_of, csv_of, rows_in, take_back, take_in, upload, xlsx_of
from tests.people import Team

HEADER = ["客户名称", "电话", "城市", "负责人", "标签", "联系人", "联系人手机", "级别"]
TEA = ["杭州西湖茶业有限公司", "0571-88886666", "杭州", "Rep", "老客户，茶叶", "李明", "13800001234", "A"]
HOTEL = ["苏州锦程酒店", "0512-66668888", "苏州", "", "", "", "", ""]


def test_headers_are_understood_and_remembered(owner: Actor) -> None:
    run = upload(owner, csv_of([*HEADER, "别的"], [*TEA, "x"], encoding="gbk"))
    assert run.mapping == ["name", "phone", "city", "owner_id", "tags", "contact.name", "contact.phone", "level", ""]
    assert run.sample[0]["cells"][0] == TEA[0] and run.table["encoding"] == "gb18030"
    mapping = [*run.mapping[:-1], "description"]
    check(owner, run, mapping, match_keys=["phone"], on_match="fill")
    again = upload(owner, csv_of(["别的", *HEADER], ["y", *TEA]))
    assert again.mapping[0] == "description" and again.table["remembered"] is True
    assert again.options["match_keys"] == ["phone"] and again.options["on_match"] == "fill"
    assert RememberedMapping.objects.count() == 1
    english = upload(owner, csv_of(["Company", "Mobile", "Salesperson", "Notes"], ["A", "1", "", ""]))
    assert english.mapping == ["name", "phone", "owner_id", "description"]


def test_customers_with_their_first_contact(owner: Actor, team: Team) -> None:
    OutboxEvent.objects.all().delete()
    run = take_in(owner, csv_of(HEADER, TEA, HOTEL), source="旧系统", tags=["导入"])
    assert run.state == "done" and run.counts == {"created": 2, "changed": 0, "skipped": 0, "refused": 0, "contacts": 1}
    tea, hotel = Customer.objects.order_by("pk")
    assert (tea.name, tea.phone, tea.city, tea.level, tea.source) == (TEA[0], "057188886666", "杭州", "A", "旧系统")
    assert tea.tags == ["老客户", "茶叶", "导入"] and tea.owner_id == team["rep"].member_id
    assert tea.owner_department_path and tea.created_by_id == owner.member_id
    assert hotel.owner_id == owner.member_id and hotel.tags == ["导入"]
    contact = tea.contacts.get()
    assert (contact.name, contact.phone, contact.owner_id) == ("李明", "13800001234", tea.owner_id)
    assert tea.contact_links.get().is_primary and Identity.objects.get(kind="phone").contact == contact
    for word in ("西湖茶", "6666", "hzxh"):
        assert tea in find_customers(owner, {"q": word}), word
    events = OutboxEvent.objects.filter(kind__startswith="customer.")
    assert [event.kind for event in events] == ["customer.imported"], "one event a chunk, none a row"
    assert events[0].data["created"] == 2 and events[0].data["first_id"] == tea.pk
    assert not AuditEntry.objects.filter(kind="customer").exists()
    assert {entry.action for entry in AuditEntry.objects.filter(kind="import")} == {"import", "import_done"}


def test_every_error_is_told_and_the_file_comes_back(owner: Actor, team: Team) -> None:
    content = csv_of(
        HEADER,
        TEA,
        ["", "1", "", "", "", "", "", ""],
        ["坏电话", "1.38E+10", "", "谁也不是", "", "", "abc", "Z"],
        HOTEL,
        encoding="gb18030",
    )
    run = check(owner, upload(owner, content))
    report = run.report
    assert (report["rows"], report["bad"], report["create"]) == (4, 2, 2)
    assert report["by_code"] == {
        "bad_phone": 2, "required": 1, "phone_rounded": 1, "unknown_member": 1, "unknown_choice": 1,
    }  # fmt: skip
    told = {(problem["row"], problem["column"], problem["code"]) for problem in report["problems"]}
    assert {(3, "name", "required"), (4, "owner_id", "unknown_member"), (4, "contact.phone", "bad_phone")} <= told
    assert not Customer.objects.exists(), "a check writes nothing"
    errors = rows_in(content_of(run.error_file_id))
    assert errors[0] == [*HEADER, "错误说明"] and len(errors) == 3
    assert errors[2][0] == "坏电话" and "电话: 电话号码已被 Excel" in errors[2][-1]

    started = start_run(actor=owner, import_id=run.pk)
    from guanxi.jobs.tasks import run_job

    run_job(started.run_job_id)
    run.refresh_from_db()
    assert run.counts["created"] == 2 and run.counts["refused"] == 2
    fixed = rows_in(content_of(run.error_file_id))
    fixed[1][0], fixed[1][1] = "改好的公司", "057112345678"
    again = take_in(owner, csv_of(fixed[0], fixed[1]))
    assert again.counts["created"] == 1 and Customer.objects.filter(name="改好的公司").exists()


def test_an_import_that_is_to_stop_at_errors_writes_nothing(owner: Actor) -> None:
    run = check(owner, upload(owner, csv_of(HEADER, TEA, ["", "12345678", *[""] * 6])), bad_rows="stop")
    with pytest.raises(Conflict, match="errors"):
        start_run(actor=owner, import_id=run.pk)
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("on_match", "counts", "city", "level"),
    [
        ("skip", {"created": 1, "changed": 0, "skipped": 2}, "杭州", ""),
        ("fill", {"created": 1, "changed": 1, "skipped": 1}, "杭州", "A"),
        ("overwrite", {"created": 1, "changed": 2, "skipped": 0}, "上海", "A"),
        ("create", {"created": 3, "changed": 0, "skipped": 0}, "杭州", ""),
    ],
)
def test_what_is_there_already(owner: Actor, on_match: str, counts: dict[str, int], city: str, level: str) -> None:
    there = create_customer(actor=owner, values={"name": "甲", "phone": "13800001234", "city": "杭州"})
    content = csv_of(
        ["客户名称", "电话", "城市", "级别"],
        ["甲", "138 0000 1234", "上海", "A"],
        ["乙", "13900001234", "", ""],
        ["乙", "13900001234", "北京" if on_match == "overwrite" else "", ""],
    )
    run = take_in(owner, content, match_keys=["phone"], on_match=on_match)
    assert {name: run.counts[name] for name in counts} == counts
    assert {name: run.report[name] for name in ("create", "change", "skip")}["create"] == counts["created"]
    there.refresh_from_db()
    assert (there.city, there.level) == (city, level)
    if counts["changed"]:
        changes = AuditEntry.objects.get(kind="customer", record_id=there.pk, action="import").changes
        assert changes["level"] == ["", "A"], "the history of the record tells what the import changed"


def test_upsert_by_number_and_matches_out_of_reach(team: Team) -> None:
    manager, owner = team["manager"], team["owner"]
    theirs = create_customer(actor=owner, values={"name": "老板的客户"})
    mine = create_customer(actor=manager, values={"name": "我的客户"})
    content = csv_of(["编号", "城市"], [mine.pk, "上海"], [theirs.pk, "上海"], [999_999, "上海"])
    run = take_in(manager, content, match_keys=["id"], on_match="overwrite")
    assert (run.counts["changed"], run.counts["refused"]) == (1, 2)
    assert [problem for chunk in run.chunks.all() for row in chunk.refused for problem in row["problems"]] == [
        ["", "out_of_reach"],
        ["id", "unknown_id"],
    ]
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.city, theirs.city) == ("上海", "")


def test_owners_by_turns_and_original_times(owner: Actor, team: Team) -> None:
    ids = [team["rep"].member_id, team["rep2"].member_id]
    rows = [[f"公司{n}", "2020-05-01 08:00", "2021/6/1"] for n in range(4)]
    run = take_in(owner, csv_of(["客户名称", "创建时间", "更新时间"], *rows), owner_rule="turns", owner_ids=ids)
    made = list(Customer.objects.order_by("pk"))
    assert run.counts["created"] == 4 and [row.owner_id for row in made].count(ids[0]) == 2
    assert made[0].created_at == datetime(2020, 5, 1, tzinfo=UTC)
    assert made[0].updated_at == datetime(2021, 5, 31, 16, tzinfo=UTC)
    manager = upload(team["manager"], csv_of(["客户名称", "创建时间"], ["x", "2020-01-01"]))
    assert manager.mapping == ["name", ""], "to keep original times is for administrators"
    future = check(owner, upload(owner, csv_of(["客户名称", "创建时间"], ["x", "2099-01-01"])))
    assert future.report["by_code"] == {"bad_date": 1}
    nobody = take_in(owner, csv_of(["客户名称"], ["没人的"]), owner_rule="nobody")
    assert nobody.counts["created"] == 1 and Customer.objects.get(name="没人的").owner_id is None


def test_leads_deals_and_contacts(owner: Actor, team: Team) -> None:
    create_customer(actor=owner, values={"name": "西湖茶业"})
    leads = take_in(
        owner,
        csv_of(["姓名", "手机", "状态", "负责人"], ["王芳", "13700001111", "跟进中", "Rep"], ["", "", "", "Rep"]),
        kind="lead",
    )
    assert (leads.counts["created"], leads.counts["refused"]) == (1, 1)
    lead = Lead.objects.get()
    assert (lead.state, lead.owner_id, lead.phone) == ("contacting", team["rep"].member_id, "13700001111")
    assert StateChange.objects.get(kind="lead", record_id=lead.pk).after == "contacting"
    deals = take_in(
        owner,
        xlsx_of(
            ["商机名称", "客户", "金额", "预计成交日期", "阶段"],
            ["年度采购", "西湖茶业", "12万", date(2026, 12, 31), None],
            ["没有客户", "谁家", 5, None, None],
            ["没有阶段", None, 5, None, "没有这个阶段"],
        ),
        kind="deal",
        name="deals.xlsx",
    )
    assert deals.report["by_code"] == {"unknown_relation": 1, "unknown_stage": 1}
    deal = Deal.objects.get()
    assert (deal.customer.name if deal.customer else "", str(deal.amount)) == ("西湖茶业", "120000.00")
    assert deal.stage.kind == "open" and str(deal.expected_close_on) == "2026-12-31"
    contacts = take_in(owner, csv_of(["姓名", "手机", "客户"], ["李明", "13611112222", "西湖茶业"]), kind="contact")
    assert contacts.counts["created"] == 1
    assert Contact.objects.get().customer_links.get().customer.name == "西湖茶业"


def test_only_who_may(team: Team, owner: Actor) -> None:
    content = csv_of(["客户名称", "负责人"], ["x", "Owner"])
    with pytest.raises(PermissionDenied):
        upload(team["rep"], content)
    run = upload(owner, content)
    with pytest.raises(NotFound):
        start_check(actor=team["manager"], import_id=run.pk, mapping=["name", ""], options=Options())
    for mapping, options in (
        (["name", "name"], Options()),
        (["", ""], Options()),
        (["nothing", ""], Options()),
        (["", "owner_id"], Options()),
        (["name", ""], Options(match_keys=("phone",))),
    ):
        with pytest.raises(Invalid):
            start_check(actor=owner, import_id=run.pk, mapping=mapping, options=options)


def test_taken_back_within_a_day(owner: Actor) -> None:
    there = create_customer(actor=owner, values={"name": "原来的", "phone": "13800001234", "city": "杭州"})
    rows = [
        ["原来的", "13800001234", "上海", ""],
        ["新的", "13900000001", "", "李明"],
        ["改过的", "13900000002", "", ""],
        ["有跟进", "13900000003", "", ""],
    ]
    run = take_in(
        owner, csv_of(["客户名称", "电话", "城市", "联系人"], *rows), match_keys=["phone"], on_match="overwrite"
    )
    touched = Customer.objects.get(name="改过的")
    update_customer(actor=owner, customer_id=touched.pk, changes={"city": "苏州"})
    log_activity(actor=owner, kind="note", record=("customer", Customer.objects.get(name="有跟进").pk), body="谈过")
    Customer.objects.filter(name="有跟进").update(last_activity_at=clock.now())
    undone = take_back(owner, run)
    assert undone.state == "undone"
    assert {name: undone.counts[name] for name in ("archived", "restored", "kept")} == {
        "archived": 2,
        "restored": 1,
        "kept": 2,
    }
    there.refresh_from_db()
    assert there.city == "杭州"
    assert set(Customer.objects.filter(archived_at__isnull=True).values_list("name", flat=True)) == {
        "原来的",
        "改过的",
        "有跟进",
    }
    with pytest.raises(Conflict):
        start_undo(actor=owner, import_id=run.pk)
    late = take_in(owner, csv_of(["客户名称"], ["晚了"]))
    with clock.at(clock.now() + timedelta(hours=25)), pytest.raises(Conflict):
        start_undo(actor=owner, import_id=late.pk)


def test_a_chunk_takes_few_statements(owner: Actor) -> None:
    rows = [[f"公司{n}", f"139{n:08}", f"联系人{n}", f"137{n:08}"] for n in range(CHUNK)]
    run = check(owner, upload(owner, csv_of(["客户名称", "电话", "联系人", "联系人手机"], *rows)), match_keys=["phone"])
    started = start_run(actor=owner, import_id=run.pk)
    from guanxi.jobs.tasks import run_job

    with CaptureQueriesContext(connection) as queries:
        run_job(started.run_job_id)
    assert Customer.objects.count() == Contact.objects.count() == CHUNK
    assert len(queries) < 90, len(queries)


def test_a_repeated_row_in_the_file_is_seen(owner: Actor) -> None:
    rows = [["甲", "13800001234"], ["乙", "13900001234"], ["甲又", "13800001234"]]
    run = check(owner, upload(owner, csv_of(["客户名称", "电话"], *rows)), match_keys=["phone"])
    assert (run.report["create"], run.report["skip"], run.report["repeated"]) == (2, 1, 1)
    assert Import.objects.get().state == "checked"
