"""Spreadsheets for the tests."""

import csv
import io
from collections.abc import Sequence

from openpyxl import Workbook

HEADER = ["问题", "相似问题", "答案", "分类", "标签"]


def xlsx(*rows: Sequence[object], header: list[str] | None = None) -> bytes:
    """A workbook with one sheet."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(header or HEADER)
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_bytes(
    *rows: Sequence[object], encoding: str = "utf-8", header: list[str] | None = None, delimiter: str = ","
) -> bytes:
    """A text file with the same."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(header or HEADER)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)
