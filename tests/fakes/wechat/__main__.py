"""Run Tencent's stand-in as a process of its own, with the demo's mailbox beside it."""

from __future__ import annotations

import argparse
from pathlib import Path

from aiohttp import web

from tests.fakes.mail.mailbox import Mailbox, add_mailbox
from tests.fakes.wechat.fake import make_app
from tests.fakes.wechat.tencent import Settings, Tencent


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.fakes.wechat", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, required=True, help="HTTP port")
    parser.add_argument("--smtp-port", type=int, default=0, help="SMTP port of the mailbox; without it there is none")
    parser.add_argument("--state", type=Path, default=None, help="folder to keep the state in")
    parser.add_argument("--public-url", default="", help="how callers reach this server")
    options = parser.parse_args()
    base_url = options.public_url or f"http://127.0.0.1:{options.port}"
    tencent = Tencent(folder=options.state, settings=Settings(base_url=base_url))
    mailbox = Mailbox(folder=options.state, host=options.host, port=options.smtp_port) if options.smtp_port else None
    app = make_app(tencent, extend=(lambda app: add_mailbox(app, mailbox)) if mailbox else None)
    web.run_app(app, host=options.host, port=options.port, print=lambda *_: None, access_log=None, shutdown_timeout=1.0)


if __name__ == "__main__":
    main()
