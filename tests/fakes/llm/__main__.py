"""Run the model stub as a process of its own."""

from __future__ import annotations

import argparse

from aiohttp import web

from tests.fakes.llm.mind import Behaviour, Mind
from tests.fakes.llm.server import make_app


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.fakes.llm", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--behaviour", type=Behaviour, default=Behaviour.QUOTE, choices=list(Behaviour))
    parser.add_argument("--token-delay", type=float, default=0.02)
    options = parser.parse_args()
    mind = Mind(behaviour=options.behaviour, token_delay=options.token_delay)
    web.run_app(make_app(mind), host=options.host, port=options.port, print=lambda *_: None, access_log=None)


if __name__ == "__main__":
    main()
