"""The real web server on a port of its own, with this worker's database and Redis."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from guanxi.config.env import ROOT

START_SECONDS = 30.0


@dataclass(frozen=True)
class Served:
    """Where the server listens."""

    port: int

    @property
    def url(self) -> str:
        """Return the address on the base host."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def script_url(self) -> str:
        """Return what a site embeds."""
        return f"{self.url}/widget.js"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(log: Path) -> Iterator[Served]:
    """Start daphne, wait until it answers, stop it at the end."""
    served = Served(_free_port())
    command = [
        sys.executable,
        "-m",
        "daphne",
        "-b",
        "127.0.0.1",
        "-p",
        str(served.port),
        "guanxi.config.asgi:application",
    ]
    path = f"{ROOT / 'platform'}:{ROOT}:{os.environ.get('PYTHONPATH', '')}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait(served, process, log)
            yield served
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(served: Served, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {log.read_text()[-2000:]}")
        try:
            with urlopen(f"{served.url}/livez", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not answer: {log.read_text()[-2000:]}")
