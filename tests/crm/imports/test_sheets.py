"""Tables as people have them: encodings, delimiters, cells that Excel has changed, files that mean harm."""

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crm.imports.columns.converting import CellFault, converter_of
from crm.imports.sheets import open_table, open_writer
from crm.imports.sheets.marks import hidden_mark, read_mark
from crm.records.fields import FieldType, RecordField
from guanxi.common.errors import Invalid
from tests.crm.imports.tables import csv_of, xlsx_of

HEADER = ["客户名称", "电话", "备注"]
ROW = ["杭州西湖茶业有限公司", "13800001234", "含“引号”，和逗号"]


def read(content: bytes) -> tuple[list[str], list[tuple[int, list[Any]]], Any]:
    table = open_table(io.BytesIO(content))
    return table.headers, list(table.rows()), table


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8-sig"),
        ("utf-8-sig", "utf-8-sig"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_texts_in_every_encoding(encoding: str, found: str, delimiter: str) -> None:
    headers, rows, table = read(
        csv_of(HEADER, ROW, [], ["第二家", "0571-88886666", ""], encoding=encoding, delimiter=delimiter)
    )
    assert (headers, table.encoding, table.delimiter) == (HEADER, found, delimiter)
    assert rows == [(2, ROW), (4, ["第二家", "0571-88886666", ""])]


def test_what_is_no_text_is_refused() -> None:
    for content in (b"\x89PNG\r\n\x1a\n\x00\x00", b"a,b\n\x00\x01", b"\xff" * 10):
        with pytest.raises(Invalid):
            open_table(io.BytesIO(content))


def test_cells_of_workbooks() -> None:
    content = xlsx_of(
        ["名称", "电话", "邮编", "日期", "时间", "公式", "小数", "真假", "空"],
        ["甲", 13800001234.0, 8, datetime(2026, 3, 1), datetime(2026, 3, 1, 9, 30), "=1+1", 0.1 + 0.2, True, None],  # noqa: DTZ001
        formats={"C2": "000000"},
    )
    headers, rows, _ = read(content)
    assert headers[:3] == ["名称", "电话", "邮编"]
    cells = rows[0][1]
    assert cells[:3] == ["甲", "13800001234", "000008"]
    assert cells[3] == datetime(2026, 3, 1) and cells[4] == datetime(2026, 3, 1, 9, 30)  # noqa: DTZ001
    assert cells[5] == "", "a formula that was never reckoned has no value"
    assert cells[6] == "0.3" and cells[7] == "TRUE"


def test_a_title_over_the_table_is_passed_over() -> None:
    headers, rows, table = read(xlsx_of(["客户清单 2026", None, None], HEADER, ROW))
    assert (headers, table.header_row, rows) == (HEADER, 2, [(3, ROW)])


def bomb(name: str = "xl/worksheets/sheet1.xml", text: bytes = b"") -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx_of(HEADER, ROW))) as real,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for part in real.namelist():
            made.writestr(part, text if part == name else real.read(part))
    return out.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        b"<x>" + b"0" * 60_000_000 + b"</x>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>',
        b"<worksheet><sheetData><row",
    ],
    ids=["swollen", "entities", "broken"],
)
def test_harmful_workbooks_are_refused(text: bytes) -> None:
    with pytest.raises(Invalid):
        open_table(io.BytesIO(bomb(text=text)))


def convert(type_: FieldType, cell: Any, **more: Any) -> Any:
    return converter_of(RecordField("x", type_, **more), zone="Asia/Shanghai")(cell)


def test_values_of_cells() -> None:
    phones = [
        "13800001234",
        "+86 138-0000-1234",
        "１３８００００１２３４",
        "13800001234.0",
        "1.3800001234E+10",
        "'+8613800001234",
    ]
    assert {convert(FieldType.PHONE, cell) for cell in phones} == {"13800001234"}
    assert convert(FieldType.PHONE, "0571-88886666转801") == "057188886666801"
    for cell in ("2026-01-05", "2026/1/5", "2026.1.5", "20260105", "2026年1月5日", "46027", datetime(2026, 1, 5, 8)):  # noqa: DTZ001
        assert convert(FieldType.DATE, cell) == date(2026, 1, 5), cell
    half = datetime(2026, 1, 5, 6, 30, tzinfo=UTC)
    for cell in ("2026-01-05 14:30", "2026/1/5 14:30:00", "2026年1月5日14时30分", "2026-01-05T06:30:00Z"):
        assert convert(FieldType.DATETIME, cell) == half, cell
    assert convert(FieldType.MONEY, "¥1,200.50元") == Decimal("1200.50")
    assert convert(FieldType.MONEY, "12万") == Decimal("120000.00")
    assert convert(FieldType.TAGS, "老客户，茶叶、老客户;VIP") == ["老客户", "茶叶", "VIP"]
    assert convert(FieldType.BOOLEAN, "是") is True and convert(FieldType.BOOLEAN, "No") is False
    assert convert(FieldType.TEXT, "'=1+1") == "=1+1", "our own mark against formulas comes off again"


@pytest.mark.parametrize(
    ("type_", "cell", "code"),
    [
        (FieldType.PHONE, "1.38E+10", "phone_rounded"),
        (FieldType.PHONE, "没有", "bad_phone"),
        (FieldType.PHONE, "123", "bad_phone"),
        (FieldType.EMAIL, "li@", "bad_email"),
        (FieldType.DATE, "2026-02-30", "bad_date"),
        (FieldType.DATE, "昨天", "bad_date"),
        (FieldType.MONEY, "很多", "bad_number"),
        (FieldType.MONEY, "-5", "negative"),
        (FieldType.INTEGER, "1.5", "bad_number"),
        (FieldType.LINK, "javascript:alert(1)", "bad_link"),
        (FieldType.BOOLEAN, "maybe", "bad_boolean"),
        (FieldType.TEXT, "x" * 501, "too_long"),
    ],
)
def test_cells_without_a_value(type_: FieldType, cell: str, code: str) -> None:
    with pytest.raises(CellFault) as refused:
        convert(type_, cell)
    assert refused.value.code == code


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_what_we_write_we_read_and_no_cell_is_a_formula(format_: str) -> None:
    out = io.BytesIO()
    writer = open_writer(format_, out, ["名称", "=cmd"], mark=4711, note_title="水印")
    writer.write(["=HYPERLINK(1)", "+1"])
    writer.write(["@x", -5])
    writer.write(["中文", datetime(2026, 1, 5, 8)])  # noqa: DTZ001
    writer.close([("谁", "我")])
    table = open_table(io.BytesIO(out.getvalue()))
    rows = [cells for _, cells in table.rows()]
    assert table.headers == ["名称", "'=cmd"]
    assert rows[0] == ["'=HYPERLINK(1)", "'+1"] and rows[1] == ["'@x", "-5"]
    assert rows[2][0] == "中文" and str(rows[2][1]).startswith("2026-01-05 08:00")
    raw = (
        out.getvalue().decode("utf-8-sig")
        if format_ == "csv"
        else zipfile.ZipFile(out).read("xl/worksheets/sheet1.xml").decode()
    )
    assert hidden_mark(4711) in raw and "<f>" not in raw
    assert read_mark(f"名称{hidden_mark(4711)}") == 4711 and read_mark("名称") is None
