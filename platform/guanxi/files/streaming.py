"""Keeps large files without ever holding one in memory: uploads of a hundred megabytes, results of exports."""

import hashlib
import zipfile
from typing import IO

from django.core.files.base import File
from django.db import transaction

from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Invalid
from guanxi.common.ids import new_token
from guanxi.files.models import StoredFile
from guanxi.files.purposes import purpose_of
from guanxi.files.scanning import CLEAN, NOT_SCANNED, ScannerError, scanner
from guanxi.files.services import clean_name
from guanxi.files.sniffing import OFFICE, SHEETS, Sniffed, extension_of
from guanxi.files.storage import storage

BLOCK = 1024 * 1024
_XLSX = OFFICE["xl/"]


def store_stream(*, actor: Actor, name: str, stream: IO[bytes], purpose: str) -> StoredFile:
    """Keep a spreadsheet that is read from a stream; raise Invalid when it is empty, too large, of another kind or
    infected.

    The row belongs to the caller's transaction; bytes of one that is rolled back are swept away at night.
    """
    rule = purpose_of(purpose)
    size, digest = _measure(stream)
    if not size:
        raise Invalid("file_empty", "The file is empty.", fields={"file": "empty"})
    if size > rule.max_bytes:
        raise Invalid(
            "file_too_large",
            "The file is too large.",
            fields={"file": "too_large"},
            params={"max_bytes": rule.max_bytes},
        )
    found = _sniff(stream, name)
    if found is None or found.content_type not in rule.kinds & SHEETS:
        raise Invalid("file_kind_refused", "Files of this kind are not taken here.", fields={"file": "kind_refused"})
    scan_state = _scan(stream)
    stream.seek(0)
    path = storage.save(f"{clock.now():%Y/%m}/{new_token(nbytes=18)}", File(stream))
    try:
        with transaction.atomic():
            return StoredFile.objects.create(
                name=clean_name(name, found),
                size=size,
                content_type=found.content_type,
                sha256=digest,
                purpose=purpose,
                path=path,
                scan_state=scan_state,
                uploaded_by=actor.member_id,
            )
    except BaseException:
        storage.delete(path)
        raise


def _measure(stream: IO[bytes]) -> tuple[int, str]:
    stream.seek(0)
    size, digest = 0, hashlib.sha256()
    while block := stream.read(BLOCK):
        size += len(block)
        digest.update(block)
    return size, digest.hexdigest()


def _sniff(stream: IO[bytes], name: str) -> Sniffed | None:
    """Tell a workbook from its parts, and a text from its beginning; who reads it will refuse what follows."""
    stream.seek(0)
    head = stream.read(4096)
    if head.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(stream) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            return None
        if "[Content_Types].xml" not in names or any(part.lower().endswith("vbaproject.bin") for part in names):
            return None
        return Sniffed(*_XLSX) if any(part.startswith("xl/") for part in names) else None
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if extension_of(name) not in {"csv", "txt", "tsv"} or (b"\x00" in head and not wide):
        return None
    return Sniffed("text/csv", "csv")


def _scan(stream: IO[bytes]) -> str:
    chosen = scanner()
    if chosen is None:
        return NOT_SCANNED
    stream.seek(0)
    try:
        threat = chosen.scan(stream.read())
    except ScannerError:
        raise Invalid(
            "scanner_away", "The file could not be scanned; try again later.", fields={"file": "scanner_away"}
        ) from None
    if threat:
        raise Invalid(
            "file_infected", "The scanner refused the file.", fields={"file": "infected"}, params={"threat": threat}
        )
    return CLEAN
