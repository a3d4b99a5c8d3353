"""Tells what a file is from its content; what is not on the list is refused, whatever its name says."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePath

IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
AUDIO = frozenset({"audio/mpeg", "audio/amr", "audio/wav", "audio/ogg", "audio/mp4", "audio/silk"})
VIDEO = frozenset({"video/mp4"})
OFFICE = {
    "word/": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    "xl/": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "ppt/": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
}
OLD_OFFICE = {"doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint"}
TEXTS = {"txt": "text/plain", "csv": "text/csv", "md": "text/plain", "log": "text/plain"}
SHEETS = frozenset({OFFICE["xl/"][0], "text/csv"})
ALL_KINDS = frozenset(
    {
        *IMAGES,
        *AUDIO,
        *VIDEO,
        *(kind for kind, _ in OFFICE.values()),
        *OLD_OFFICE.values(),
        *TEXTS.values(),
        "application/pdf",
    }
)

_SIGNATURES: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (0, b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (0, b"GIF87a", "image/gif", "gif"),
    (0, b"GIF89a", "image/gif", "gif"),
    (8, b"WEBP", "image/webp", "webp"),
    (0, b"%PDF-", "application/pdf", "pdf"),
    (0, b"#!AMR", "audio/amr", "amr"),
    (0, b"#!SILK_V3", "audio/silk", "silk"),
    (0, b"\x02#!SILK_V3", "audio/silk", "silk"),
    (0, b"ID3", "audio/mpeg", "mp3"),
    (8, b"WAVE", "audio/wav", "wav"),
    (0, b"OggS", "audio/ogg", "ogg"),
)
_ZIP = b"PK\x03\x04"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_MP3_FRAMES = (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")
_SAME_EXTENSION = {"jpeg": "jpg", "m4v": "mp4", "mov": "mp4"}
MAX_ZIP_ENTRIES = 5000


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What the content says: the media type and the extension that goes with it."""

    content_type: str
    extension: str


def extension_of(name: str) -> str:
    """Return the extension of a name in lower case, without its dot."""
    found = PurePath(name).suffix.lower().lstrip(".")
    return _SAME_EXTENSION.get(found, found)


def sniff(content: bytes, name: str) -> Sniffed | None:
    """Return what the content is, None when it is nothing that we keep.

    The name decides only between kinds of text and of old office files.
    """
    for offset, magic, content_type, extension in _SIGNATURES:
        if content[offset : offset + len(magic)] == magic and (offset == 0 or content[:4] == b"RIFF"):
            return Sniffed(content_type, extension)
    if content[:2] in _MP3_FRAMES:
        return Sniffed("audio/mpeg", "mp3")
    if content[4:8] == b"ftyp":
        return Sniffed("audio/mp4", "m4a") if content[8:11] == b"M4A" else Sniffed("video/mp4", "mp4")
    if content.startswith(_ZIP):
        return _office(content)
    extension = extension_of(name)
    if content.startswith(_OLE):
        return Sniffed(OLD_OFFICE[extension], extension) if extension in OLD_OFFICE else None
    if extension in TEXTS and is_text(content):
        return Sniffed(TEXTS[extension], extension)
    return None


def _office(content: bytes) -> Sniffed | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if (
        len(names) > MAX_ZIP_ENTRIES
        or "[Content_Types].xml" not in names
        or any(name.lower().endswith("vbaproject.bin") for name in names)
    ):
        return None
    return next(
        (Sniffed(*known) for folder, known in OFFICE.items() if any(name.startswith(folder) for name in names)), None
    )


def is_text(content: bytes) -> bool:
    """Return whether the content is text, in UTF-8 or in the encodings of Chinese spreadsheets."""
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
