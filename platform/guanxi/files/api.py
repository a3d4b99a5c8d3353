"""Uploads, and links to what was uploaded."""

from typing import Any

from django.http.response import HttpResponseBase
from ninja import File, Form
from ninja.files import UploadedFile

from guanxi.access import ANYONE, SIGNED_IN
from guanxi.common.errors import Invalid
from guanxi.files.links import download_url, read_link
from guanxi.files.models import StoredFile
from guanxi.files.purposes import purpose_of
from guanxi.files.schemas import FileOut
from guanxi.files.selectors import access_file
from guanxi.files.services import store_file
from guanxi.files.serving import INLINE_KINDS, file_response
from guanxi.http.router import ApiRequest, AppRouter

router = AppRouter(tag="files")
FIELDS = ("id", "name", "size", "content_type", "purpose", "width", "height", "scan_state", "uploaded_by", "created_at")


def _shown(stored: StoredFile) -> dict[str, Any]:
    inline = download_url(stored, inline=True) if stored.content_type in INLINE_KINDS else None
    return {**{name: getattr(stored, name) for name in FIELDS}, "url": download_url(stored), "inline_url": inline}


@router.post("/files", permission=SIGNED_IN, response=FileOut)
def files_upload(request: ApiRequest, file: File[UploadedFile], purpose: Form[str] = "attachment") -> dict[str, Any]:
    """Upload a file for a purpose: attachment, avatar, import and what the apps add."""
    rule = purpose_of(purpose)
    if not rule.uploadable:
        raise Invalid("purpose_unknown", "There is no such purpose of an upload.", fields={"purpose": "unknown"})
    if file.size is not None and file.size > rule.max_bytes:
        raise Invalid(
            "file_too_large",
            "The file is too large.",
            fields={"file": "too_large"},
            params={"max_bytes": rule.max_bytes},
        )
    return _shown(store_file(actor=request.actor, name=file.name or "file", content=file.read(), purpose=purpose))


@router.get("/files/{int:file_id}", permission=SIGNED_IN, response=FileOut)
def files_get(request: ApiRequest, file_id: int) -> dict[str, Any]:
    """Return a file's description and fresh links to it."""
    return _shown(access_file(request.actor, file_id))


@router.get(
    "/files/download/{token}",
    permission=ANYONE,
    response=None,
    private="the signed link itself is the permission",
    include_in_schema=False,
)
def files_download(request: ApiRequest, token: str) -> HttpResponseBase:
    """Send the content of a signed link."""
    stored, inline = read_link(token)
    return file_response(request, stored, inline=inline)
