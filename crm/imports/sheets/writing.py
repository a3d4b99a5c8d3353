"""Writes tables row by row, csv or xlsx, so that no cell is ever taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, Protocol

from crm.imports.sheets.marks import hidden_mark
from guanxi.common.lazy import LazyModule

if TYPE_CHECKING:
    import openpyxl
    from openpyxl import cell as openpyxl_cell
    from openpyxl import styles
else:
    openpyxl, openpyxl_cell, styles = (LazyModule(name) for name in ("openpyxl", "openpyxl.cell", "openpyxl.styles"))

# What makes a spreadsheet program reckon, or call another program, when a text begins with it.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
SHEET_ROWS = 1_048_000
_ILLEGAL = dict.fromkeys(range(32)) | {9: " ", 10: "\n", 13: "\n"}


def harmless(value: Any) -> Any:
    """Return a text so that a spreadsheet program shows it and does nothing else; numbers and dates as they are."""
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return f"'{value}"
    return value


class TableWriter(Protocol):
    """Takes rows one by one."""

    def write(self, row: Sequence[Any]) -> None:
        """Write a row."""

    def close(self, lines: Iterable[Sequence[str]]) -> None:
        """Write the lines that say where the table comes from, and finish the file."""


class CsvWriter:
    """csv in UTF-8 with the mark by which Excel knows it."""

    def __init__(self, target: IO[bytes], headers: Sequence[str], *, mark: int, note_title: str = "") -> None:
        target.write(b"\xef\xbb\xbf")
        self._text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=False)
        self._rows = csv.writer(self._text)
        self._rows.writerow(_marked(headers, mark))

    def write(self, row: Sequence[Any]) -> None:
        """Write a row; moments in local time without zone."""
        self._rows.writerow([_plain(value) for value in row])

    def close(self, lines: Iterable[Sequence[str]]) -> None:
        """Write the lines below an empty one and leave the stream open."""
        lines = list(lines)
        if lines:
            self._rows.writerow([])
            self._rows.writerow([harmless(" ".join(line)) for line in lines])
        self._text.flush()
        self._text.detach()


class WorkbookWriter:
    """xlsx, sheet after sheet when one is full, with a last sheet that says where the table comes from."""

    def __init__(self, target: IO[bytes], headers: Sequence[str], *, mark: int, note_title: str = "") -> None:
        self._target, self._headers, self._mark, self._note_title = target, headers, mark, note_title
        self._book = openpyxl.Workbook(write_only=True)
        self._book.properties.creator = "Guanxi"
        self._book.properties.keywords = f"gx-export-{mark}" if mark else ""
        self._written = 0
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        self._sheet = self._book.create_sheet()
        self._sheet.freeze_panes = "A2"
        cells = []
        for text in _marked(self._headers, self._mark):
            cell = openpyxl_cell.WriteOnlyCell(self._sheet, value=text)
            cell.font, cell.fill = styles.Font(bold=True), styles.PatternFill("solid", fgColor="E8EEF7")
            cells.append(cell)
        for number in range(1, len(cells) + 1):
            self._sheet.column_dimensions[_letter(number)].width = 18
        self._sheet.append(cells)

    def write(self, row: Sequence[Any]) -> None:
        """Write a row."""
        if self._written and self._written % SHEET_ROWS == 0:
            self._begin_sheet()
        self._written += 1
        self._sheet.append([_typed(value) for value in row])

    def close(self, lines: Iterable[Sequence[str]]) -> None:
        """Write the last sheet and the file."""
        lines = list(lines)
        if lines:
            sheet = self._book.create_sheet(title=self._note_title[:30] or None)
            sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 60
            for line in lines:
                sheet.append([_typed(text) for text in line])
        self._book.save(self._target)


def _letter(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def _marked(headers: Sequence[str], mark: int) -> list[str]:
    """Return the headers, the first with the export's number in signs that nobody sees."""
    texts = [str(harmless(header)) for header in headers]
    if mark and texts:
        texts[0] += hidden_mark(mark)
    return texts


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return harmless(value)


def _typed(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, Decimal):
        return float(value)
    return harmless(value.translate(_ILLEGAL)[:32_000]) if isinstance(value, str) else value


def open_writer(
    format_: str, target: IO[bytes], headers: Sequence[str], *, mark: int = 0, note_title: str = ""
) -> TableWriter:
    """Begin a table in a format."""
    writer = WorkbookWriter if format_ == "xlsx" else CsvWriter
    return writer(target, headers, mark=mark, note_title=note_title)
