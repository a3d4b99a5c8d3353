"""Keeps files: looks at them, cleans them, writes them down."""

import hashlib
import re
import time
import unicodedata
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction

from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Invalid
from guanxi.common.ids import new_token
from guanxi.files.images import clean_image
from guanxi.files.models import StoredFile
from guanxi.files.purposes import Purpose, purpose_of
from guanxi.files.scanning import CLEAN, NOT_SCANNED, ScannerError, scanner
from guanxi.files.selectors import access_file
from guanxi.files.sniffing import IMAGES, Sniffed, extension_of, sniff
from guanxi.files.storage import storage

MAX_NAME = 180
ORPHAN_SECONDS = 24 * 3600
_UNWANTED = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]')


def store_file(*, actor: Actor, name: str, content: bytes, purpose: str) -> StoredFile:
    """Keep a file for a purpose; raise Invalid when it is empty, too large, of a kind that the purpose does not take,
    damaged or infected.

    The kind is read from the content; an image is made anew. The row belongs to the caller's transaction; bytes of
    one that is rolled back are swept away at night.
    """
    rule = purpose_of(purpose)
    _check_size(content, rule)
    found = sniff(content, name)
    if found is None or found.content_type not in rule.kinds:
        raise Invalid("file_kind_refused", "Files of this kind are not taken here.", fields={"file": "kind_refused"})
    scan_state = _scan(content)
    width = height = None
    if found.content_type in IMAGES:
        image = clean_image(content, found.content_type)
        content, width, height = image.content, image.width, image.height
    path = storage.save(f"{clock.now():%Y/%m}/{new_token(nbytes=18)}", ContentFile(content))
    try:
        with transaction.atomic():
            return StoredFile.objects.create(
                name=clean_name(name, found),
                size=len(content),
                content_type=found.content_type,
                sha256=hashlib.sha256(content).hexdigest(),
                purpose=purpose,
                path=path,
                width=width,
                height=height,
                scan_state=scan_state,
                uploaded_by=actor.member_id,
            )
    except BaseException:
        storage.delete(path)
        raise


def _check_size(content: bytes, rule: Purpose) -> None:
    if not content:
        raise Invalid("file_empty", "The file is empty.", fields={"file": "empty"})
    if len(content) > rule.max_bytes:
        raise Invalid(
            "file_too_large",
            "The file is too large.",
            fields={"file": "too_large"},
            params={"max_bytes": rule.max_bytes},
        )


def _scan(content: bytes) -> str:
    chosen = scanner()
    if chosen is None:
        return NOT_SCANNED
    try:
        threat = chosen.scan(content)
    except ScannerError:
        raise Invalid(
            "scanner_away", "The file could not be scanned; try again later.", fields={"file": "scanner_away"}
        ) from None
    if threat:
        raise Invalid(
            "file_infected", "The scanner refused the file.", fields={"file": "infected"}, params={"threat": threat}
        )
    return CLEAN


def clean_name(name: str, found: Sniffed) -> str:
    """Return a name without paths and control characters, that ends in the extension of what the file really is."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    base = _UNWANTED.sub("", unicodedata.normalize("NFC", base)).strip(" .") or "file"
    stem, dot, extension = base.rpartition(".")
    if not dot or extension_of(base) != found.extension:
        stem, extension = base, found.extension
    return f"{stem[:MAX_NAME]}.{extension.lower()}"


def delete_file(*, actor: Actor, file_id: int) -> None:
    """Delete a file; the bytes go when the transaction has committed."""
    stored = access_file(actor, file_id)
    path = stored.path
    stored.delete()
    transaction.on_commit(lambda: storage.delete(path))


def sweep_orphans() -> int:
    """Delete bytes that no row names, a day after they were written; return how many."""
    root = Path(storage.location)
    too_young = time.time() - ORPHAN_SECONDS
    old = {
        str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and path.stat().st_mtime < too_young
    }
    orphans = old - set(StoredFile.objects.filter(path__in=old).values_list("path", flat=True))
    for path in orphans:
        storage.delete(path)
    return len(orphans)
