"""Sends a file to a browser so that it can do no harm there."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from typing import IO, Any
from urllib.parse import quote

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from guanxi.files.models import StoredFile
from guanxi.files.selectors import open_stream
from guanxi.files.sniffing import AUDIO, IMAGES, VIDEO

INLINE_KINDS = IMAGES | AUDIO | VIDEO
BLOCK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def file_response(request: HttpRequest, stored: StoredFile, *, inline: bool = False) -> HttpResponseBase:
    """Answer with the file, or with the part that a Range header asks for; only pictures, sound and films are ever
    shown inline.
    """
    wanted = _wanted(request.headers.get("Range", ""), stored.size)
    response: HttpResponseBase
    if wanted is None:
        response = HttpResponse(status=416)
        response.headers["Content-Range"] = f"bytes */{stored.size}"
        return response
    start, end = wanted
    blocks = _blocks(open_stream(stored), start, end)
    # Under ASGI Django would read a sync iterator to its end before it sends anything.
    body = _awaited(blocks) if isinstance(request, ASGIRequest) else blocks
    response = StreamingHttpResponse(body, content_type=_content_type(stored))
    response.headers["Content-Length"] = str(end - start)
    response.headers["Accept-Ranges"] = "bytes"
    if (start, end) != (0, stored.size):
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{stored.size}"
    response.headers["Content-Disposition"] = _disposition(stored, inline)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, max-age=300"
    return response


def _content_type(stored: StoredFile) -> str:
    return f"{stored.content_type}; charset=utf-8" if stored.content_type.startswith("text/") else stored.content_type


def _disposition(stored: StoredFile, inline: bool) -> str:
    manner = "inline" if inline and stored.content_type in INLINE_KINDS else "attachment"
    extension = stored.name.rpartition(".")[2]
    return f"{manner}; filename=\"file.{extension}\"; filename*=UTF-8''{quote(stored.name, safe='')}"


def _wanted(header: str, size: int) -> tuple[int, int] | None:
    """Return the first byte and the one after the last; the whole file for a header that we do not follow, None for
    an impossible one.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return 0, size
    first, last = match.groups()
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
    return (start, end) if start < end else None


def _blocks(stream: IO[Any], start: int, end: int) -> Iterator[bytes]:
    with stream:
        stream.seek(start)
        left = end - start
        while left > 0 and (block := stream.read(min(BLOCK, left))):
            left -= len(block)
            yield block


async def _awaited(blocks: Iterator[bytes]) -> AsyncIterator[bytes]:
    while block := await asyncio.to_thread(next, blocks, b""):
        yield block
