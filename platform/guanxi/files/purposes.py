"""What files are for: which kinds and sizes each purpose takes, and who may open them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from guanxi.files.sniffing import ALL_KINDS, IMAGES, SHEETS

if TYPE_CHECKING:
    from guanxi.access import Actor
    from guanxi.files.models import StoredFile

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Purpose:
    """The rule of one purpose.

    `access` decides who may open a file besides its uploader; without it nobody but those with `file.read_all`.
    `uploadable` lets people upload for it through the API; other purposes are filled by our own code.
    """

    code: str
    kinds: frozenset[str] = ALL_KINDS
    max_bytes: int = 10 * MEGABYTE
    access: "Callable[[Actor, StoredFile], bool] | None" = None
    uploadable: bool = False


_purposes: dict[str, Purpose] = {}


def register_purpose(purpose: Purpose) -> None:
    """Register a purpose, in an AppConfig.ready; the last one of a code counts."""
    _purposes[purpose.code] = purpose


def purpose_of(code: str) -> Purpose:
    """Return the rule of a purpose; one that nobody registered takes every safe kind and is opened by its uploader
    alone.
    """
    return _purposes.get(code) or Purpose(code)


for _purpose in (
    Purpose("attachment", uploadable=True),
    Purpose(
        "avatar",
        kinds=IMAGES,
        max_bytes=2 * MEGABYTE,
        access=lambda actor, file: actor.member_id is not None,
        uploadable=True,
    ),
    Purpose("import", kinds=SHEETS, max_bytes=10 * MEGABYTE, uploadable=True),
    Purpose("export", max_bytes=200 * MEGABYTE),
):
    register_purpose(_purpose)
