"""The mailbox: an SMTP listener, a list of mails kept in a folder, and the page at /mail."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import re
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Self

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.fakes.running import ThreadedFake

STATIC = Path(__file__).parent / "static"
KEPT = 500
FILE = "mail.json"


@dataclass
class Mail:
    """One mail as a person reads it."""

    id: int
    sender: str
    to: list[str]
    subject: str
    at: float
    text: str
    html: str

    @property
    def links(self) -> list[str]:
        found = re.findall(r"https?://[^\s\"'<>]+", self.text or self.html)
        return list(dict.fromkeys(each.rstrip(".,;)。，") for each in found))


class Mailbox:
    """Accepts mail for everybody and keeps the latest."""

    def __init__(self, *, folder: Path | None = None, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.port = port
        self.mails: list[Mail] = []
        self.refuse_with = ""
        self._folder = folder
        self._last = 0
        self._load()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd calls it so
        if self.refuse_with:
            return self.refuse_with
        content = envelope.content
        message = BytesParser(policy=policy.default).parsebytes(
            content if isinstance(content, bytes) else str(content or "").encode()
        )
        self._last += 1
        self.mails.append(
            Mail(
                id=self._last, sender=envelope.mail_from or "", to=list(envelope.rcpt_tos),
                subject=str(message["subject"] or ""), at=time.time(), text=_part(message, "plain"),
                html=_part(message, "html"),
            )
        )  # fmt: skip
        self.mails = self.mails[-KEPT:]
        self._save()
        return "250 OK"

    async def listen(self) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(self, hostname="mailbox.test", enable_SMTPUTF8=True, decode_data=False), self.host, self.port
        )
        self.port = server.sockets[0].getsockname()[1]
        return server

    def clear(self) -> None:
        self.mails.clear()
        self._save()

    def _load(self) -> None:
        if self._folder is not None and (self._folder / FILE).exists():
            self.mails = [Mail(**each) for each in json.loads((self._folder / FILE).read_text())]
            self._last = max((each.id for each in self.mails), default=0)

    def _save(self) -> None:
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f"{FILE}.new"
        draft.write_text(json.dumps([asdict(each) for each in self.mails], ensure_ascii=False))
        os.replace(draft, self._folder / FILE)


MAILBOX = web.AppKey("mailbox", Mailbox)


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


def _row(mail: Mail) -> dict[str, object]:
    return {**asdict(mail), "links": mail.links}


async def page(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(STATIC / "mail.html", headers={"Cache-Control": "no-cache"})


async def listing(request: web.Request) -> web.Response:
    """Newest first; `?to=` and `?since=` narrow it."""
    to, since = request.query.get("to", ""), int(request.query.get("since", 0))
    found = [m for m in request.app[MAILBOX].mails if m.id > since and (not to or to in m.to)]
    return web.json_response([_row(each) for each in reversed(found)])


async def body(request: web.Request) -> web.Response:
    """The mail's HTML for the sandboxed frame: it may show and link, never run."""
    wanted = int(request.match_info["id"])
    for mail in request.app[MAILBOX].mails:
        if mail.id == wanted:
            return web.Response(
                text=f'<!doctype html><meta charset="utf-8"><base target="_blank">{mail.html}',
                content_type="text/html",
                headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                         "sandbox allow-popups allow-popups-to-escape-sandbox"},
            )  # fmt: skip
    raise web.HTTPNotFound(text="")


async def clear(request: web.Request) -> web.Response:
    if not ipaddress.ip_address(request.remote or "0.0.0.0").is_loopback:
        raise web.HTTPForbidden(text="")
    request.app[MAILBOX].clear()
    return web.json_response({})


def add_mailbox(app: web.Application, mailbox: Mailbox) -> None:
    """Let an application serve the mailbox and listen for its mail."""

    async def listening(_: web.Application) -> AsyncIterator[None]:
        server = await mailbox.listen()
        yield
        server.close()

    app[MAILBOX] = mailbox
    app.cleanup_ctx.append(listening)
    app.add_routes([
        web.get("/mail", page),
        web.get("/mail/list", listing),
        web.get("/mail/{id:\\d+}", body),
        web.get("/_control/mail", listing),
        web.delete("/_control/mail", clear),
        web.static("/mail/static", STATIC),
    ])  # fmt: skip


class FakeMail(ThreadedFake):
    """The mailbox in a thread of the test's process."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        app = web.Application()
        add_mailbox(app, self.mailbox)
        super().__init__(app)

    @property
    def smtp_port(self) -> int:
        return self.mailbox.port

    def start(self) -> Self:
        super().start()
        return self

    def wait_for(self, to: str, *, seconds: float = 10) -> Mail:
        """The newest mail to an address, waiting for it to come."""
        deadline = time.monotonic() + seconds
        while True:
            for mail in reversed(self.mailbox.mails):
                if to in mail.to:
                    return mail
            if time.monotonic() > deadline:
                raise AssertionError(f"no mail to {to} within {seconds} s")
            time.sleep(0.05)
