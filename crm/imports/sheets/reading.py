"""Opens a table, whatever kind of file it is in, and yields its rows as texts and dates."""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from crm.imports.sheets.texts import decoding_of, delimiter_of
from crm.imports.sheets.workbooks import Cell, check_bomb, workbook_rows
from guanxi.common.errors import Invalid

MAX_COLUMNS = 200
MAX_CELL = 20_000
HEADER_WITHIN = 10
# Lines of a template that explain it begin with this sign.
NOTE_SIGN = "※"
csv.field_size_limit(1024 * 1024)


@dataclass(slots=True)
class Table:
    """A table of a file: its header, where the header stands, and the rows below it."""

    format: str
    headers: list[str]
    header_row: int
    encoding: str = ""
    delimiter: str = ""
    _stream: IO[bytes] = field(default_factory=io.BytesIO, repr=False)

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield (row number as the sheet's program shows it, cells) of every row below the header that is not empty."""
        width = len(self.headers)
        for number, cells in self._all():
            if number <= self.header_row or not any(cell not in ("", None) for cell in cells) or _is_note(cells[0]):
                continue
            yield number, fitted(cells, width)

    def _all(self) -> Iterator[tuple[int, list[Cell]]]:
        self._stream.seek(0)
        if self.format == "xlsx":
            return workbook_rows(self._stream)
        return text_rows(self._stream, self.encoding, self.delimiter)


def _is_note(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.startswith(NOTE_SIGN)


def fitted(cells: list[Cell], width: int) -> list[Cell]:
    """Return the cells cut or filled to a width."""
    return cells[:width] if len(cells) >= width else cells + [""] * (width - len(cells))


def open_table(stream: IO[bytes]) -> Table:
    """Find out what a stream holds and read its header; raise Invalid for what is no table, or none that is safe."""
    stream.seek(0)
    head = stream.read(4)
    try:
        if head == b"PK\x03\x04":
            check_bomb(stream)
            table = Table("xlsx", [], 0, _stream=stream)
        else:
            encoding = decoding_of(stream)
            table = Table("csv", [], 0, encoding, delimiter_of(stream, encoding), _stream=stream)
        _find_header(table)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, csv.Error, SyntaxError, EOFError) as problem:
        raise unreadable() from problem
    return table


def unreadable() -> Invalid:
    """Return the refusal of a file that cannot be read as a table."""
    return Invalid("sheet_unreadable", "This file cannot be read as a spreadsheet.", fields={"file": "unreadable"})


def text_rows(stream: IO[bytes], encoding: str, delimiter: str) -> Iterator[tuple[int, list[Cell]]]:
    """Yield the rows of a text with their numbers, as a spreadsheet would count them."""
    text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
    try:
        for number, cells in enumerate(csv.reader(text, delimiter=delimiter), 1):
            yield number, list(cells)
    finally:
        text.detach()


def _find_header(table: Table) -> None:
    """Take the first row with the most filled cells among the first ten for the header."""
    best: tuple[int, int, list[Cell]] | None = None
    for seen, (number, cells) in enumerate(table._all()):
        if seen >= HEADER_WITHIN:
            break
        filled = sum(isinstance(cell, str) and bool(cell.strip()) for cell in cells)
        # A title over the table fills one cell; the header fills most.
        if filled and (best is None or filled > 2 * best[0]):
            best = (filled, number, cells)
    if best is None:
        raise Invalid("sheet_empty", "The file holds no table.", fields={"file": "empty"})
    headers = [plain_header(cell) for cell in best[2]]
    while headers and not headers[-1]:
        headers.pop()
    if len(headers) > MAX_COLUMNS:
        raise Invalid(
            "sheet_too_wide",
            "The table has too many columns.",
            fields={"file": "too_wide"},
            params={"longest": MAX_COLUMNS},
        )
    table.headers, table.header_row = headers, best[1]


INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])


def plain_header(cell: Cell) -> str:
    """Return a header without spaces round it, invisible signs and the star of required columns."""
    return " ".join(str(cell if cell is not None else "").translate(INVISIBLE).split()).rstrip("*＊ ")
