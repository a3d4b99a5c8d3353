"""Temporary media: upload with Tencent's limits of kind and size, download by id."""

from __future__ import annotations

import io
from dataclasses import dataclass

from aiohttp import BodyPartReader, web
from PIL import Image, UnidentifiedImageError

from tests.fakes.wechat.api.calls import TENCENT, answer, caller
from tests.fakes.wechat.api.messages import MEDIA_LIFE
from tests.fakes.wechat.errors import Refusal
from tests.fakes.wechat.records import Ability, Json

KILO, MEGA = 1024, 1024 * 1024


@dataclass(frozen=True)
class Limit:
    size: int
    names: tuple[str, ...]


LIMITS: dict[str, Limit] = {
    "image": Limit(10 * MEGA, ("png", "jpeg", "jpg", "gif", "bmp")),
    "voice": Limit(2 * MEGA, ("amr", "mp3")),
    "video": Limit(10 * MEGA, ("mp4",)),
    "thumb": Limit(64 * KILO, ("jpg", "jpeg")),
}
MIMES = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "bmp": "image/bmp",
    "amr": "audio/amr", "mp3": "audio/mpeg", "mp4": "video/mp4",
}  # fmt: skip


async def upload(request: web.Request) -> web.Response:
    account = caller(request, Ability.MEDIA)
    kind = request.query.get("type", "")
    limit = LIMITS.get(kind)
    if limit is None:
        raise Refusal(40004)
    if not request.content_type.startswith("multipart/"):
        raise Refusal(41005)
    name, content = await _part(request, limit.size)
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if suffix not in limit.names or not _is(suffix, content):
        raise Refusal(40005)
    media = request.app[TENCENT].keep_media(account.app_id, kind=kind, mime=MIMES[suffix], name=name, content=content)
    key = "thumb_media_id" if kind == "thumb" else "media_id"
    return answer({"type": kind, key: media.media_id, "created_at": media.created_at})


async def _part(request: web.Request, size: int) -> tuple[str, bytes]:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name != "media" or not part.filename:
            continue
        content = bytearray()
        while piece := await part.read_chunk(64 * KILO):
            content += piece
            if len(content) > size:
                raise Refusal(40006)
        if not content:
            raise Refusal(44002)
        return part.filename, bytes(content)
    raise Refusal(41005)


def _is(suffix: str, content: bytes) -> bool:
    """Whether the bytes are what the name says."""
    if suffix == "amr":
        return content.startswith(b"#!AMR")
    if suffix == "mp3":
        return content.startswith(b"ID3") or content[:1] == b"\xff"
    if suffix == "mp4":
        return content[4:8] == b"ftyp"
    try:
        with Image.open(io.BytesIO(content)) as picture:
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError):
        return False
    return True


async def download(request: web.Request) -> web.Response:
    account = caller(request, Ability.MEDIA)
    media_id = request.query.get("media_id", "")
    if not media_id:
        raise Refusal(41006)
    tencent = request.app[TENCENT]
    media = tencent.media.get(media_id)
    if media is None or media.app_id != account.app_id or tencent.clock.now() - media.created_at > MEDIA_LIFE:
        raise Refusal(40007)
    if media.kind == "video":
        link: Json = {"video_url": f"{tencent.settings.base_url}/media/{media_id}"}
        return answer(link)
    return web.Response(
        body=tencent.blob(media_id),
        headers={"Content-Type": media.mime, "Content-disposition": f'attachment; filename="{media.name}"'},
    )


async def picture(request: web.Request) -> web.Response:
    """The open address of a picture, as PicUrl has it."""
    tencent = request.app[TENCENT]
    media = tencent.media.get(request.match_info["media_id"])
    if media is None:
        raise web.HTTPNotFound(text="")
    return web.Response(
        body=tencent.blob(media.media_id),
        headers={"Content-Type": media.mime, "X-Content-Type-Options": "nosniff", "Cache-Control": "max-age=86400"},
    )


ROUTES = [
    web.post("/cgi-bin/media/upload", upload),
    web.get("/cgi-bin/media/get", download),
    web.get("/media/{media_id}", picture),
]
