"""Run the mailbox alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from aiohttp import web

from tests.fakes.mail.mailbox import Mailbox, add_mailbox


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.fakes.mail", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="HTTP port of the page")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--state", type=Path, default=None)
    options = parser.parse_args()
    app = web.Application()
    add_mailbox(app, Mailbox(folder=options.state, host=options.host, port=options.smtp_port))
    web.run_app(app, host=options.host, port=options.port, print=lambda *_: None, access_log=None)


if __name__ == "__main__":
    main()
