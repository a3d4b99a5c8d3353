"""Reads questions and answers from a spreadsheet: xlsx or csv, in UTF-8 or GBK, with the headers that people use."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from crm.knowledge.types import (
    LANGUAGES,
    MAX_ANSWER,
    MAX_QUESTION,
    MAX_SIMILAR,
    FaqRow,
    RowProblem,
    SheetContent,
    question_key,
)
from guanxi.common.errors import Invalid
from guanxi.common.lazy import LazyModule

if TYPE_CHECKING:
    import openpyxl
    import openpyxl.utils.exceptions
else:
    openpyxl = LazyModule("openpyxl")

MAX_ROWS = 20_000
_HEADERS = {
    "question": ("问题", "标准问题", "标准问", "question", "q", "title"),
    "answer": ("答案", "回答", "回复", "标准答案", "answer", "a", "reply"),
    "similar": ("相似问题", "相似问", "相似问法", "扩展问", "其他问法", "similar", "similar questions", "variants"),
    "language": ("语言", "language", "lang"),
    "category": ("分类", "类别", "目录", "category"),
    "tags": ("标签", "tag", "tags"),
}
_LANGUAGE_NAMES = {
    "中文": "zh",
    "汉语": "zh",
    "chinese": "zh",
    "zh-cn": "zh",
    "cn": "zh",
    "英文": "en",
    "英语": "en",
    "english": "en",
    "en-us": "en",
}
_SPLIT_SIMILAR = re.compile(r"[\n\r|；;]+")
_SPLIT_TAGS = re.compile(r"[\n\r|,，;；、]+")


def read_sheet(name: str, content: bytes) -> SheetContent:
    """Return what a spreadsheet holds, row by row.

    Raises Invalid for a file that is none, or has no columns for question and answer.
    """
    table = _xlsx(content) if content[:4] == b"PK\x03\x04" else _csv(content)
    header_row, columns = _find_header(table)
    rows: list[FaqRow] = []
    problems: list[RowProblem] = []
    seen: dict[tuple[str, str], int] = {}
    for number, cells in enumerate(table[header_row + 1 :], header_row + 2):
        values = {field: cells[at].strip() if at < len(cells) else "" for field, at in columns.items()}
        if not any(values.values()):
            continue
        wrong = _problems_of(number, values)
        row = _row(number, values)
        key = (question_key(row.question), row.language)
        if not wrong and key in seen:
            wrong = [RowProblem(number, "question", "repeated_in_file")]
        problems += wrong
        if not wrong:
            seen[key] = number
            rows.append(row)
    return SheetContent(tuple(rows), tuple(problems), tuple(columns))


def _find_header(table: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    by_name = {name: field for field, names in _HEADERS.items() for name in names}
    for number, cells in enumerate(table[:10]):
        columns: dict[str, int] = {}
        for at, cell in enumerate(cells):
            field = by_name.get(" ".join(cell.split()).casefold())
            if field and field not in columns:
                columns[field] = at
        if {"question", "answer"} <= columns.keys():
            return number, columns
    raise Invalid(
        "sheet_no_columns", "The first rows have no columns for question and answer.", fields={"file": "no_columns"}
    )


def _problems_of(number: int, values: dict[str, str]) -> list[RowProblem]:
    problems = []
    for field, longest in (("question", MAX_QUESTION), ("answer", MAX_ANSWER)):
        if not values[field]:
            problems.append(RowProblem(number, field, "missing"))
        elif len(values[field]) > longest:
            problems.append(RowProblem(number, field, "too_long"))
    similar = _SPLIT_SIMILAR.split(values.get("similar", ""))
    if len(similar) > MAX_SIMILAR or any(len(text) > MAX_QUESTION for text in similar):
        problems.append(RowProblem(number, "similar", "too_long"))
    if _language(values.get("language", "")) not in LANGUAGES:
        problems.append(RowProblem(number, "language", "invalid"))
    if values["question"] and not question_key(values["question"]):
        problems.append(RowProblem(number, "question", "invalid"))
    return problems


def _row(number: int, values: dict[str, str]) -> FaqRow:
    key = question_key(values["question"])
    similar = dict.fromkeys(
        " ".join(text.split()) for text in _SPLIT_SIMILAR.split(values.get("similar", "")) if text.strip()
    )
    tags = dict.fromkeys(text.strip() for text in _SPLIT_TAGS.split(values.get("tags", "")) if text.strip())
    return FaqRow(
        row=number,
        question=" ".join(values["question"].split()),
        answer=values["answer"],
        similar=tuple(text for text in similar if question_key(text) != key),
        language=_language(values.get("language", "")),
        category=values.get("category", "")[:60],
        tags=tuple(tags),
    )


def _language(text: str) -> str:
    plain = text.strip().casefold()
    return _LANGUAGE_NAMES.get(plain, plain)


def _xlsx(content: bytes) -> list[list[str]]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (
        openpyxl.utils.exceptions.InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        OSError,
    ) as problem:
        raise Invalid(
            "sheet_unreadable", "This file cannot be read as a spreadsheet.", fields={"file": "unreadable"}
        ) from problem
    try:
        sheet = book.worksheets[0] if book.worksheets else None
        rows = sheet.iter_rows(values_only=True) if sheet is not None else iter(())
        return _bounded([_cell(value) for value in row] for row in rows)
    finally:
        book.close()


def _cell(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _csv(content: bytes) -> list[list[str]]:
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    try:
        return _bounded(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as problem:
        raise Invalid(
            "sheet_unreadable", "This file cannot be read as a spreadsheet.", fields={"file": "unreadable"}
        ) from problem


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Invalid("sheet_unreadable", "This file cannot be read as a spreadsheet.", fields={"file": "unreadable"})


def _bounded(rows: Iterator[list[str]]) -> list[list[str]]:
    table: list[list[str]] = []
    for row in rows:
        table.append(row)
        if len(table) > MAX_ROWS + 10:
            raise Invalid(
                "sheet_too_long",
                f"At most {MAX_ROWS} rows. Nothing was imported.",
                fields={"file": "too_long"},
                params={"longest": MAX_ROWS},
            )
    return table
