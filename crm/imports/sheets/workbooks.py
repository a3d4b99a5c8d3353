"""Reads xlsx row by row in little memory.

The usual libraries hold every text of a workbook as an object, or the whole sheet; a million rows must fit beside the
rest of a worker. Here the shared texts lie packed in one block of bytes, and a row is forgotten once it is given.
"""

import math
import re
import zipfile
from array import array
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import IO, TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError, iterparse

from guanxi.common.errors import Invalid
from guanxi.common.lazy import LazyModule

if TYPE_CHECKING:
    from openpyxl.styles import numbers
    from openpyxl.utils import datetime as moments
else:
    numbers, moments = LazyModule("openpyxl.styles.numbers"), LazyModule("openpyxl.utils.datetime")

Cell = str | datetime | date | None

MAX_UNPACKED = 4 * 1024**3
MAX_RATIO = 250
SMALL_PART = 20 * 1024 * 1024
MAX_PARTS = 5000
_ZEROS = re.compile(r'^"?(0{2,})"?$')


def check_bomb(stream: IO[bytes]) -> None:
    """Refuse an archive that would unpack to something monstrous, or that defines entities.

    That is why the parsers below may read what they are given.
    """
    stream.seek(0)
    with zipfile.ZipFile(stream) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        swollen = any(
            part.file_size > SMALL_PART and part.file_size > MAX_RATIO * max(part.compress_size, 1) for part in parts
        )
        if unpacked > MAX_UNPACKED or swollen or len(parts) > MAX_PARTS:
            raise Invalid("sheet_bomb", "The file unpacks to far more than it holds.", fields={"file": "refused"})
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as source:
                    if b"<!DOCTYPE" in source.read(1024).upper():
                        raise Invalid("sheet_bomb", "The file defines entities.", fields={"file": "refused"})


class PackedTexts:
    """The shared texts of a workbook: one block of UTF-8 and the places where each begins."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q", [0])

    def add(self, text: str) -> None:
        """Add the next text."""
        self._bytes += text.encode()
        self._ends.append(len(self._bytes))

    def __getitem__(self, place: int) -> str:
        return self._bytes[self._ends[place] : self._ends[place + 1]].decode()


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _shared_texts(archive: zipfile.ZipFile) -> PackedTexts:
    texts = PackedTexts()
    if "xl/sharedStrings.xml" not in archive.namelist():
        return texts
    with archive.open("xl/sharedStrings.xml") as source:
        root: Element | None = None
        for event, node in iterparse(source, events=("start", "end")):  # noqa: S314
            if event == "start":
                root = node if root is None else root
            elif _local(node.tag) == "si":
                texts.add(_text_of(node))
                if root is not None:
                    root.clear()
    return texts


def _text_of(node: Element) -> str:
    """Return the text of a shared or inline string without its phonetic reading."""
    parts = []
    for child in node:
        name = _local(child.tag)
        if name == "t":
            parts.append(child.text or "")
        elif name == "r":
            parts += [part.text or "" for part in child if _local(part.tag) == "t"]
    return "".join(parts)


class _Formats:
    """What the styles of a workbook say of numbers: which are dates, which are filled with zeros."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.dates: set[int] = set()
        self.widths: dict[int, int] = {}
        if "xl/styles.xml" not in archive.namelist():
            return
        codes = dict(numbers.BUILTIN_FORMATS)
        inside = False
        with archive.open("xl/styles.xml") as source:
            number = 0
            for event, node in iterparse(source, events=("start", "end")):  # noqa: S314
                name = _local(node.tag)
                if event == "start":
                    inside = inside or name == "cellXfs"
                elif name == "numFmt":
                    codes[int(node.get("numFmtId", 0))] = node.get("formatCode", "")
                elif name == "cellXfs":
                    inside = False
                elif name == "xf" and inside:
                    self._note(number, codes.get(int(node.get("numFmtId", 0)), ""))
                    number += 1

    def _note(self, style: int, code: str) -> None:
        if numbers.is_date_format(code):
            self.dates.add(style)
        elif match := _ZEROS.match(code.split(";")[0]):
            self.widths[style] = len(match[1])


def _first_sheet(archive: zipfile.ZipFile) -> tuple[str, datetime]:
    """Return the path of the first visible sheet, and the day from which the workbook counts."""
    epoch, wanted = moments.WINDOWS_EPOCH, ""
    with archive.open("xl/workbook.xml") as source:
        for _, node in iterparse(source):  # noqa: S314
            name = _local(node.tag)
            if name == "workbookPr" and node.get("date1904") in {"1", "true"}:
                epoch = moments.CALENDAR_MAC_1904
            elif name == "sheet" and not wanted and node.get("state", "visible") == "visible":
                wanted = next((value for key, value in node.attrib.items() if _local(key) == "id" and "}" in key), "")
    with archive.open("xl/_rels/workbook.xml.rels") as source:
        for _, node in iterparse(source):  # noqa: S314
            if node.get("Id") == wanted:
                target = node.get("Target", "")
                return (target.lstrip("/") if target.startswith("/") else f"xl/{target}"), epoch
    raise ValueError("no sheet")


def workbook_rows(stream: IO[bytes]) -> Iterator[tuple[int, list[Cell]]]:
    """Yield (number, cells) of the first visible sheet: texts, and dates where the sheet shows dates."""
    with zipfile.ZipFile(stream) as archive:
        path, epoch = _first_sheet(archive)
        texts, formats = _shared_texts(archive), _Formats(archive)
        with archive.open(path) as source:
            try:
                yield from _rows(source, texts, formats, epoch)
            except ParseError as problem:
                raise ValueError("broken sheet") from problem


def _rows(
    source: IO[bytes], texts: PackedTexts, formats: _Formats, epoch: datetime
) -> Iterator[tuple[int, list[Cell]]]:
    columns: dict[str, int] = {}
    sheet: Element | None = None
    number = 0
    for event, node in iterparse(source, events=("start", "end")):  # noqa: S314
        name = _local(node.tag)
        if event == "start":
            if name == "sheetData":
                sheet = node
            continue
        if name == "row":
            number = int(node.get("r", number + 1))
            yield number, _cells(node, texts, formats, epoch, columns)
            if sheet is not None:
                sheet.clear()
        elif name == "sheetData":
            return


def _cells(row: Element, texts: PackedTexts, formats: _Formats, epoch: datetime, columns: dict[str, int]) -> list[Cell]:
    cells: list[Cell] = []
    for node in row:
        place = _place(node.get("r", ""), columns)
        if place is None:
            place = len(cells)
        if place > len(cells):
            cells += [""] * (place - len(cells))
        if place < len(cells):
            continue
        cells.append(_value(node, texts, formats, epoch))
    return cells


def _place(reference: str, columns: dict[str, int]) -> int | None:
    letters = reference.rstrip("0123456789")
    if not letters:
        return None
    found = columns.get(letters)
    if found is None:
        found = 0
        for letter in letters:
            found = found * 26 + ord(letter) - 64
        found -= 1
        if found >= 16_384:
            raise ValueError("no such column")
        columns[letters] = found
    return found


def _value(node: Element, texts: PackedTexts, formats: _Formats, epoch: datetime) -> Cell:
    kind, value, inline = node.get("t", "n"), "", None
    for child in node:
        name = _local(child.tag)
        if name == "v":
            value = child.text or ""
        elif name == "is":
            inline = child
    if kind == "inlineStr":
        return _text_of(inline) if inline is not None else ""
    if value == "":
        return ""
    if kind == "s":
        return texts[int(value)]
    if kind == "b":
        return "TRUE" if value == "1" else "FALSE"
    if kind in {"str", "e"}:
        # The value of a formula that failed (#N/A) is no value.
        return "" if kind == "e" else value
    if kind == "d":
        return datetime.fromisoformat(value)
    style = int(node.get("s", 0))
    if style in formats.dates:
        return _date(value, epoch)
    return number_text(value, formats.widths.get(style, 0))


def _date(value: str, epoch: datetime) -> Cell:
    try:
        found = moments.from_excel(float(value), epoch)
    except (OverflowError, ValueError):
        return value
    if isinstance(found, time):
        return found.isoformat()
    return str(found) if isinstance(found, timedelta) else found


def number_text(value: str, width: int = 0) -> str:
    """Return a number as a person wrote it: without `.0`, without an exponent, with the zeros that its format shows."""
    if value.isdigit():
        return value.zfill(width)
    try:
        number = float(value)
    except ValueError:
        return value
    if math.isfinite(number) and number.is_integer() and abs(number) < 1e17:
        return str(int(number)).zfill(width)
    # What Excel stores as 0.30000000000000004 it shows as 0.3.
    return f"{number:.15g}"
