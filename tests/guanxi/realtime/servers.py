"""Real web processes for tests, and a client that speaks the live protocol and keeps an account of the numbers."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.guanxi.processes import end_with_parent

# What a test leaves open is closed after it.
opened: list[ClientConnection] = []


def free_port() -> int:
    """Return a port below the ephemeral range that nobody listens at."""
    for _ in range(200):
        port = random.randint(15000, 32000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("no free port")


class Web:
    """A daphne process."""

    def __init__(self, log: Path, port: int | None = None) -> None:
        self.port = port or free_port()
        self.log = log
        command = [
            sys.executable,
            "-m",
            "daphne",
            "-b",
            "127.0.0.1",
            "-p",
            str(self.port),
            "tests.guanxi.realtime.application:application",
        ]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["platform", ".", os.environ.get("PYTHONPATH", "")])}
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        deadline = time.monotonic() + 40
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < deadline, log.read_text(errors="replace")[-4000:]
            time.sleep(0.05)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal and wait for the end."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        self.process.wait(timeout=15)


@contextmanager
def web(log: Path, port: int | None = None) -> Iterator[Web]:
    """Run a web process for the block."""
    server = Web(log, port)
    try:
        yield server
    finally:
        server.end()


def open_socket(
    port: int, slug: str, cookie: str = "", *, origin: str | None = "same", path: str = "/ws/", host: str = ""
) -> ClientConnection:
    """Open a WebSocket at a tenant's host; `origin` None sends none."""
    name = f"{host or f'{slug}.{settings.GUANXI_BASE_DOMAIN}'}:{port}"
    line: ClientConnection = connect(
        f"ws://{name}{path}",
        sock=socket.create_connection(("127.0.0.1", port)),
        origin=None if origin is None else Origin(f"http://{name}" if origin == "same" else origin),
        additional_headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"} if cookie else {},
        proxy=None,
        max_queue=None,
        legacy=True,
    )
    opened.append(line)
    return line


class Page:
    """A page's live line: follows the protocol, and fails at once when a number is missing or comes twice."""

    def __init__(self, port: int, slug: str, cookie: str, last_seq: int | None = None) -> None:
        self.slug, self.cookie = slug, cookie
        self.last_seq = last_seq
        self.events: list[dict[str, Any]] = []
        self.others: list[dict[str, Any]] = []
        self.resyncs: list[int] = []
        self.connect(port)

    def connect(self, port: int) -> None:
        """Connect (again), say the last number, take in what was missed."""
        self.socket = open_socket(port, self.slug, self.cookie)
        self.send(type="hello", last_seq=self.last_seq)
        self.read(until=lambda message: message["type"] == "ready")

    def send(self, **message: Any) -> None:
        """Send a message."""
        self.socket.send(json.dumps(message))

    def read(self, *, until: Callable[[dict[str, Any]], bool], seconds: float = 30) -> dict[str, Any]:
        """Take messages in until one is what is waited for; return it."""
        deadline = time.monotonic() + seconds
        while True:
            message = json.loads(self.socket.recv(timeout=max(deadline - time.monotonic(), 0.01)))
            self._take(message)
            if until(message):
                return dict(message)

    def read_to(self, seq: int, seconds: float = 30) -> None:
        """Take messages in until every number up to `seq` is accounted for."""
        if (self.last_seq or 0) < seq:
            self.read(until=lambda message: (self.last_seq or 0) >= seq, seconds=seconds)

    def closed_with(self, seconds: float = 30) -> int:
        """Read until the server closes; return its code."""
        with pytest.raises(ConnectionClosed) as end:
            self.read(until=lambda message: False, seconds=seconds)
        return code_of(end.value)

    def kinds(self) -> list[str]:
        """Return the kinds of the events taken in."""
        return [event["kind"] for event in self.events]

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "event":
            assert self.last_seq is None or message["seq"] == self.last_seq + 1, (
                f"{message['seq']} came after {self.last_seq}"
            )
            self.last_seq = message["seq"]
            self.events.append(message)
        elif message["type"] == "seq":
            assert self.last_seq is None or message["seq"] > self.last_seq
            self.last_seq = message["seq"]
        elif message["type"] == "resync":
            self.resyncs.append(message["seq"])
            self.last_seq = message["seq"]
        elif message["type"] == "ready":
            assert self.last_seq in {None, message["seq"]}
            self.last_seq = message["seq"]
        else:
            self.others.append(message)


def close_code(connection: ClientConnection, seconds: float = 10) -> int:
    """Return the code with which the server closes a connection."""
    with pytest.raises(ConnectionClosed) as end:
        while True:
            connection.recv(timeout=seconds)
    return code_of(end.value)


def code_of(end: ConnectionClosed) -> int:
    """Return the code that the server sent."""
    assert end.rcvd is not None
    return end.rcvd.code
