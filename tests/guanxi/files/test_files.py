"""Files: nothing dangerous is kept, nobody else's is opened, and links end."""

import io
import socketserver
import struct
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from openpyxl import Workbook
from PIL import Image
from pytest_django import Settings

from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Invalid, NotFound
from guanxi.files import Purpose, delete_file, download_url, open_file, purposes, register_purpose, store_file
from guanxi.files import scanning as scanning_module
from guanxi.files.api import router
from guanxi.files.links import SALT, read_link
from guanxi.files.models import StoredFile
from guanxi.files.scanning import ClamdScanner
from guanxi.files.services import sweep_orphans
from guanxi.files.sniffing import sniff
from guanxi.tenancy import TenantRef, tenant_scope
from tests.guanxi.kernel_client import KernelClient, body, member

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, settings: Settings) -> Path:
    settings.FILES_DIR = tmp_path / "files"
    return tmp_path / "files"


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "teal").save(target, kind, **options)
    return target.getvalue()


def picture_with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "SECRETPHONE"
    exif[0x0112] = 6  # lies on its side
    return picture(exif=exif.tobytes()) + b"<script>hidden</script>"


def zip_of(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return target.getvalue()


def workbook() -> bytes:
    target = io.BytesIO()
    Workbook().save(target)
    return target.getvalue()


def keep(
    tenant: TenantRef, content: bytes = PDF, name: str = "报价.pdf", purpose: str = "attachment", member_id: int = 1
) -> StoredFile:
    return store_file(actor=member(tenant, member_id), name=name, content=content, purpose=purpose)


def test_a_file_is_kept_as_it_came_in_the_tenants_folder(alpha: TenantRef, own_folder: Path) -> None:
    stored = keep(alpha)
    with open_file(member(alpha, 1), stored.pk).stream as stream:
        assert stream.read() == PDF
    assert (stored.name, stored.size, stored.content_type, stored.uploaded_by) == (
        "报价.pdf",
        len(PDF),
        "application/pdf",
        1,
    )
    (path,) = [path for path in own_folder.rglob("*") if path.is_file()]
    assert path.is_relative_to(own_folder / alpha.schema) and path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_pictures_are_made_anew(alpha: TenantRef, kind: str) -> None:
    stored = keep(alpha, picture(kind), f"x.{kind.lower()}")
    with open_file(member(alpha, 1), stored.pk).stream as stream:
        image = Image.open(stream)
        image.load()
        assert image.format == kind and image.size == (60, 40) == (stored.width, stored.height)


def test_a_pictures_metadata_and_what_hides_behind_it_are_gone(alpha: TenantRef) -> None:
    original = picture_with_place()
    assert b"SECRETPHONE" in original
    stored = keep(alpha, original, "p.jpg")
    content = open_file(member(alpha, 1), stored.pk).stream.read()
    assert b"SECRETPHONE" not in content and b"script" not in content
    assert (stored.width, stored.height) == (40, 60), "turned upright, since the note of its turn is gone"


def test_an_animation_keeps_its_frames(alpha: TenantRef) -> None:
    target = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "green", "blue")]
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:], duration=70, loop=0)
    stored = keep(alpha, target.getvalue(), "a.gif")
    image = Image.open(open_file(member(alpha, 1), stored.pk).stream)
    assert getattr(image, "n_frames", 1) == 3 and image.info["duration"] == 70


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.txt", "file_empty"),
        (b"MZ\x90\x00", "setup.exe", "file_kind_refused"),
        (b"MZ\x90\x00", "photo.jpg", "file_kind_refused"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "logo.svg", "file_kind_refused"),
        (b"<html><script>1</script></html>", "page.html", "file_kind_refused"),
        (zip_of("a.txt"), "a.zip", "file_kind_refused"),
        (zip_of("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "m.docx", "file_kind_refused"),
        (b"PK\x03\x04 broken", "a.xlsx", "file_kind_refused"),
        (b"a\x00b", "a.txt", "file_kind_refused"),
        (b"\x89PNG\r\n\x1a\n broken", "a.png", "broken_image"),
        (picture("PNG", (9000, 9000)), "bomb.png", "image_too_large"),
        (b"%PDF-" + b"x" * (10 * 1024 * 1024), "big.pdf", "file_too_large"),
    ],
)
def test_what_is_refused_leaves_nothing(
    alpha: TenantRef, own_folder: Path, content: bytes, name: str, code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        keep(alpha, content, name)
    assert refusal.value.code == code
    assert not StoredFile.objects.exists() and not [path for path in own_folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("content", "name", "content_type"),
    [
        (workbook(), "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (
            zip_of("[Content_Types].xml", "word/document.xml"),
            "a.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("姓名,电话".encode("gb18030"), "a.csv", "text/csv"),
        ("姓名".encode("utf-16"), "a.txt", "text/plain"),
        (b"#!AMR\n123", "voice", "audio/amr"),
        (b"ID3\x04", "voice.mp3", "audio/mpeg"),
        (b"RIFF....WAVEfmt ", "a", "audio/wav"),
        (b"\x00\x00\x00\x20ftypisom", "a.mov", "video/mp4"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"x", "alt.doc", "application/msword"),
    ],
)
def test_kinds_are_told_from_the_content(content: bytes, name: str, content_type: str) -> None:
    found = sniff(content, name)
    assert found is not None and found.content_type == content_type


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\我\\合同.pdf", "合同.pdf"),
        ("evil\u202egpj.exe", "evilgpj.exe.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("", "file.pdf"),
        ("x" * 400 + ".pdf", "x" * 180 + ".pdf"),
    ],
)
def test_names_are_made_harmless(alpha: TenantRef, given: str, kept: str) -> None:
    assert keep(alpha, PDF, given).name == kept


def test_only_the_uploader_and_whom_the_purpose_admits_may_open(
    alpha: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purposes, "_purposes", dict(purposes._purposes))
    register_purpose(Purpose("note", access=lambda actor, stored: actor.member_id == 5))
    stored = keep(alpha, purpose="note")
    for allowed in (member(alpha, 1), member(alpha, 5), member(alpha, 9, "file.read_all"), Actor.system("test")):
        assert open_file(allowed, stored.pk).stream.read() == PDF
    with pytest.raises(NotFound):
        open_file(member(alpha, 6), stored.pk)


def test_another_tenant_finds_neither_the_row_nor_the_bytes(alpha: TenantRef, beta: TenantRef) -> None:
    stored = keep(alpha)
    link = download_url(stored).rpartition("/")[2]
    with tenant_scope(beta):
        with pytest.raises(NotFound):
            open_file(Actor.system("test"), stored.pk)
        twin = keep(beta, b"%PDF- of beta")
        StoredFile.objects.filter(pk=twin.pk).update(id=stored.pk, path=stored.path)
        with pytest.raises(NotFound):
            read_link(link)
        with pytest.raises(NotFound):
            open_file(Actor.system("test"), stored.pk)


def test_links_end_and_cannot_be_forged(alpha: TenantRef) -> None:
    with clock.at(NOON):
        stored = keep(alpha)
        link = download_url(stored).rpartition("/")[2]
        assert read_link(link) == (stored, False)
        assert download_url(stored).endswith(link), "the same for a while"
    with clock.at(NOON + timedelta(minutes=20)), pytest.raises(NotFound):
        read_link(link)
    with clock.at(NOON):
        for bad in (
            link[:-2] + "xx",
            "",
            "a:b:c",
            signing.dumps([alpha.schema, stored.pk, 9e12, 1], salt="other"),
            signing.dumps("x", salt=SALT),
        ):
            with pytest.raises(NotFound):
                read_link(bad)


def test_a_deleted_file_is_gone_after_the_commit_only(alpha: TenantRef) -> None:
    stored = keep(alpha)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        delete_file(actor=member(alpha, 1), file_id=stored.pk)
        raise ZeroDivisionError
    assert open_file(member(alpha, 1), stored.pk).stream.read() == PDF
    delete_file(actor=member(alpha, 1), file_id=stored.pk)
    with pytest.raises(NotFound):
        open_file(member(alpha, 1), stored.pk)


def test_bytes_without_a_row_are_swept_after_a_day(alpha: TenantRef, own_folder: Path) -> None:
    import os

    kept = keep(alpha)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        keep(alpha, PDF + b"rolled back")
        raise ZeroDivisionError
    paths = [path for path in own_folder.rglob("*") if path.is_file()]
    assert len(paths) == 2 and sweep_orphans() == 0
    for path in paths:
        os.utime(path, (0, 0))
    assert sweep_orphans() == 1
    assert open_file(member(alpha, 1), kept.pk).stream.read() == PDF


class Clamd(socketserver.BaseRequestHandler):
    """Speaks clamd's INSTREAM: finds the word EICAR."""

    def handle(self) -> None:
        assert self.request.recv(10) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack("!I", self._exactly(4))[0]:
            content += self._exactly(length)
        self.request.sendall(b"stream: Eicar-Test FOUND\0" if b"EICAR" in content else b"stream: OK\0")

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            data += self.request.recv(count - len(data))
        return data


@contextmanager
def clamd() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_scanner_decides_and_its_absence_is_said(
    alpha: TenantRef, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning_module, "_scanner", None)
    assert keep(alpha).scan_state == "not_scanned"
    with clamd() as port:
        settings.GUANXI_CLAMD = f"127.0.0.1:{port}"
        assert keep(alpha).scan_state == "clean"
        with pytest.raises(Invalid) as refusal:
            keep(alpha, PDF + b"EICAR")
        assert (refusal.value.code, refusal.value.params) == ("file_infected", {"threat": "Eicar-Test"})
    with pytest.raises(Invalid, match="try again"):
        keep(alpha)
    assert ClamdScanner("127.0.0.1", port).host == "127.0.0.1"


def upload(client: KernelClient, content: bytes = PDF, name: str = "报价.pdf", **form: str) -> Any:
    return client.upload("/files", {"file": SimpleUploadedFile(name, content), **form})


def test_api_upload_and_download(alpha: TenantRef) -> None:
    client = KernelClient(router, member(alpha, 1))
    shown = body(upload(client, picture("PNG"), "图.png"))
    assert shown["purpose"] == "attachment" and shown["inline_url"]
    anybody = KernelClient(router, None)
    shown_inline = anybody.get(shown["inline_url"].removeprefix("/api/v1"))
    assert shown_inline.status_code == 200 and shown_inline.headers["Content-Disposition"].startswith("inline;")
    saved = anybody.get(shown["url"].removeprefix("/api/v1"))
    assert saved.headers["Content-Disposition"] == "attachment; filename=\"file.png\"; filename*=UTF-8''%E5%9B%BE.png"
    assert (saved.headers["X-Content-Type-Options"], saved.headers["Content-Type"]) == ("nosniff", "image/png")
    assert "sandbox" in saved.headers["Content-Security-Policy"]
    assert Image.open(io.BytesIO(b"".join(saved))).size == (60, 40)
    body(KernelClient(router, member(alpha, 2)).get(f"/files/{shown['id']}"), 404)
    assert body(client.get(f"/files/{shown['id']}"))["name"] == "图.png"


def test_api_refusals(alpha: TenantRef) -> None:
    client = KernelClient(router, member(alpha, 1))
    assert body(upload(client, b"MZ"), 422)["fields"] == {"file": "kind_refused"}
    assert body(upload(client, purpose="export"), 422)["code"] == "purpose_unknown"
    assert body(upload(client, purpose="avatar"), 422)["code"] == "file_kind_refused"
    assert body(client.upload("/files", {"purpose": "attachment"}), 422)["code"] == "invalid_input"
    body(upload(KernelClient(router, None)), 401)
    body(KernelClient(router, None).get("/files/download/forged"), 404)


@pytest.mark.parametrize(
    ("header", "status", "part"),
    [
        ("bytes=0-4", 206, PDF[:5]),
        ("bytes=5-", 206, PDF[5:]),
        ("bytes=-4", 206, PDF[-4:]),
        ("bytes=0-99999", 200, PDF),
        ("bytes=9999-", 416, b""),
        ("lines=1", 200, PDF),
    ],
)
def test_parts_of_a_file(alpha: TenantRef, header: str, status: int, part: bytes) -> None:
    stored = keep(alpha)
    response = KernelClient(router, None).get(download_url(stored).removeprefix("/api/v1"), Range=header)
    assert (response.status_code, b"".join(response)) == (status, part)
