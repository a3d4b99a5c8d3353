"""Reading spreadsheets as people have them."""

import pytest

from crm.knowledge.sheets import read_sheet
from guanxi.common.errors import Invalid
from tests.crm.knowledge.sheets import csv_bytes, xlsx

ROW: list[object] = ["怎么开发票？", "如何开票|能开票吗", "在小程序里申请", "发票", "财务，开票"]


@pytest.mark.parametrize(
    "content",
    [
        xlsx(ROW),
        csv_bytes(ROW),
        csv_bytes(ROW, encoding="gbk"),
        csv_bytes(ROW, encoding="utf-8-sig"),
        csv_bytes(ROW, encoding="utf-16"),
        csv_bytes(ROW, delimiter="\t"),
        csv_bytes(ROW, delimiter=";"),
    ],
    ids=["xlsx", "utf-8", "gbk", "bom", "utf-16", "tabs", "semicolons"],
)
def test_the_same_row_from_every_kind(content: bytes) -> None:
    sheet = read_sheet("faq", content)
    assert sheet.problems == ()
    (row,) = sheet.rows
    assert (row.row, row.question, row.answer, row.category) == (2, "怎么开发票？", "在小程序里申请", "发票")
    assert (row.similar, row.tags) == (("如何开票", "能开票吗"), ("财务", "开票"))


def test_every_bad_row_is_named_and_the_good_ones_stay() -> None:
    sheet = read_sheet(
        "faq",
        xlsx(
            ROW,
            ["", "", "没有问题", "", ""],
            ["没有答案", "", None, "", ""],
            ["问" * 301, "", "太长", "", ""],
            ["怎么开发票", "", "重复", "", ""],
            [None, None, None, None, None],
            ["？？？", "", "只有标点", "", ""],
            ["好问题", "", 680.0, "", ""],
        ),
    )
    assert [(problem.row, problem.field, problem.code) for problem in sheet.problems] == [
        (3, "question", "missing"),
        (4, "answer", "missing"),
        (5, "question", "too_long"),
        (6, "question", "repeated_in_file"),
        (8, "question", "invalid"),
    ]
    assert [(row.row, row.answer) for row in sheet.rows] == [(2, "在小程序里申请"), (9, "680")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (csv_bytes(["a", "b"], header=["x", "y"]), "sheet_no_columns"),
        (b"PK\x03\x04 broken", "sheet_unreadable"),
        (b"\xff\xfe\xff", "sheet_unreadable"),
        (b"", "sheet_no_columns"),
    ],
)
def test_what_is_no_such_sheet_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_sheet("faq", content)
    assert refusal.value.code == code


def test_a_header_may_stand_below_a_title() -> None:
    content = "常见问题表,,\n\nQuestion,Answer,Language\nhello,hi,English\n".encode()
    (row,) = read_sheet("faq", content).rows
    assert (row.row, row.question, row.language) == (4, "hello", "en")
