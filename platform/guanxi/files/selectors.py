"""Finds files and opens them for those who may."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Any

from guanxi.access import Actor, allows
from guanxi.common.errors import NotFound
from guanxi.files.models import StoredFile
from guanxi.files.purposes import purpose_of
from guanxi.files.storage import storage


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file and its bytes; close the stream, or use it as a context manager."""

    stored: StoredFile
    stream: IO[Any]


def access_file(actor: Actor, file_id: int) -> StoredFile:
    """Return a file that the actor may open: its own, one that its purpose's rule gives, or any for those with
    `file.read_all`.
    """
    stored = StoredFile.objects.filter(pk=file_id).first()
    if stored is None or not _may_open(actor, stored):
        raise NotFound("file", file_id)
    return stored


def _may_open(actor: Actor, stored: StoredFile) -> bool:
    if actor.member_id is not None and stored.uploaded_by == actor.member_id:
        return True
    rule = purpose_of(stored.purpose)
    return allows(actor, "file.read_all") or (rule.access is not None and rule.access(actor, stored))


def open_file(actor: Actor, file_id: int) -> OpenedFile:
    """Open a file's content for reading; raise NotFound for files that the actor may not open."""
    stored = access_file(actor, file_id)
    return OpenedFile(stored, open_stream(stored))


def open_stream(stored: StoredFile) -> IO[Any]:
    """Open the bytes of a file whose reader has been authorised."""
    try:
        return open(storage.path(stored.path), "rb")
    except FileNotFoundError:
        raise NotFound("file", stored.pk) from None


def files_by_id(file_ids: Iterable[int | None]) -> dict[int, StoredFile]:
    """Return id → file, for readers whom the message or record that names the files has authorised already."""
    wanted = {file_id for file_id in file_ids if file_id is not None}
    return {stored.pk: stored for stored in StoredFile.objects.filter(pk__in=wanted)} if wanted else {}
