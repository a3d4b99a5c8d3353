"""Finds out in which encoding a csv is, and what divides its cells."""

import codecs
import csv
import io
from typing import IO

from guanxi.common.errors import Invalid

BLOCK = 1024 * 1024
SAMPLE = 64 * 1024
DELIMITERS = ",\t;|"


def decoding_of(stream: IO[bytes]) -> str:
    """Return the encoding of the whole text: UTF-16 by its mark, UTF-8, or GB18030, which holds GBK.

    Raises Invalid for what is in none of them.
    """
    stream.seek(0)
    head = stream.read(4)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        if _decodes(stream, encoding):
            return encoding
    raise Invalid(
        "sheet_encoding", "The text is neither in UTF-8 nor in GBK. Nothing was taken.", fields={"file": "unreadable"}
    )


def _decodes(stream: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    stream.seek(0)
    try:
        while block := stream.read(BLOCK):
            if "\x00" in decoder.decode(block):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def delimiter_of(stream: IO[bytes], encoding: str) -> str:
    """Return what divides the cells: what cuts the first lines into the most columns of the same number."""
    stream.seek(0)
    sample = codecs.getincrementaldecoder(encoding)("replace").decode(stream.read(SAMPLE))
    best, most = ",", 0
    for delimiter in DELIMITERS:
        rows = [row for _, row in zip(range(20), csv.reader(io.StringIO(sample), delimiter=delimiter), strict=False)]
        widths = [len(row) for row in rows if row]
        usual = max(set(widths), key=widths.count) if widths else 0
        score = (usual - 1) * widths.count(usual) if widths else 0
        if score > most:
            best, most = delimiter, score
    return best
