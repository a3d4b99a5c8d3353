"""Starts real Celery workers for tests and makes sure that none is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.guanxi.processes import end_with_parent

ARGUMENTS = [
    "-A",
    "guanxi.config.worker",
    "worker",
    "-l",
    "INFO",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
]


@contextmanager
def worker(log: Path, *, pool: str = "prefork", concurrency: int = 1) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker until the block ends; it is ready when the block begins."""
    command = [
        sys.executable,
        "-m",
        "celery",
        *ARGUMENTS,
        "-P",
        pool,
        "-c",
        str(concurrency),
        "-I",
        "tests.guanxi.jobs.worker_tasks",
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["platform", ".", os.environ.get("PYTHONPATH", "")])}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=environment, start_new_session=True, preexec_fn=end_with_parent
        )
    try:
        wait_for(
            lambda: " ready." in log.read_text(errors="replace") or process.poll() is not None,
            what="the worker to be ready",
        )
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        yield process
    finally:
        kill(process)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a worker and its children at once."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def wait_for(condition: Callable[[], object], *, what: str, seconds: float = 30) -> None:
    """Wait until the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)
