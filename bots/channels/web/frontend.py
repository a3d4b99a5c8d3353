"""The built files of loader and widget, read once and kept compressed; their address carries their digest."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """A file as it goes out."""

    content: bytes
    compressed: bytes
    digest: str
    content_type: str


@lru_cache(maxsize=16)
def _read(path: Path, modified: float) -> BuiltFile:
    content = path.read_bytes()
    return BuiltFile(
        content, gzip.compress(content, 9, mtime=0), hashlib.sha256(content).hexdigest()[:16], TYPES[path.suffix]
    )


def built_file(path: Path) -> BuiltFile | None:
    """Return a built file, None when the pages have not been built."""
    return _read(path, path.stat().st_mtime) if path.is_file() else None


def loader() -> BuiltFile | None:
    """Return widget.js, the script that stands in our customers' pages."""
    return built_file(Path(settings.LOADER_DIST) / "widget.js")


def widget_part(name: str) -> BuiltFile | None:
    """Return a part of the page in the frame."""
    return built_file(Path(settings.WIDGET_DIST) / name) if name in {"widget.js", "widget.css"} else None
