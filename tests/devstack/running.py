"""Starts a stack in a folder of its own, and finds every process that belongs to it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from guanxi.config.devstack.keeper import homes_of_tests
from guanxi.config.devstack.places import CHECKOUT, Places, unprivileged_account

PATIENCE = 60.0


def wait_for(condition: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"not within {patience:.0f} s: {what}"
        time.sleep(0.05)


@dataclass
class Sandbox:
    """A state folder, and a mark in the environment by which its processes are recognised."""

    state: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def places(self) -> Places:
        return Places(checkout=CHECKOUT, state=self.state)

    @property
    def environment(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "REDIS_URL"} and not name.startswith(("GUANXI_", "DJANGO_", "PYTEST_"))
        }
        return {**inherited, "GUANXI_STATE": str(self.state), "GUANXI_MARK": self.mark, "PYTHONUNBUFFERED": "1"}

    def processes(self) -> dict[int, str]:
        """Everything that carries the mark or works in one of our folders (servers overwrite their environment)."""
        found: dict[int, str] = {}
        homes = (
            self.state,
            self.places.database_home(),
            *homes_of_tests(self.places, unprivileged_account()),
        )
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                cwd = Path(os.readlink(folder / "cwd").removesuffix(" (deleted)"))
                marked = f"GUANXI_MARK={self.mark}".encode() in (folder / "environ").read_bytes()
                if marked or any(cwd.is_relative_to(home) for home in homes):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def wait_until_empty(self, patience: float = 15.0) -> None:
        deadline = time.monotonic() + patience
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not left

    def command(self, module: str, *arguments: str) -> list[str]:
        return [sys.executable, "-m", module, *arguments]

    @contextmanager
    def start(self, module: str, *arguments: str, **environment: str) -> Iterator["Started"]:
        self.state.mkdir(parents=True, exist_ok=True)
        output = self.state / f"output-{uuid.uuid4().hex[:6]}.txt"
        with output.open("wb") as file:
            process = subprocess.Popen(
                self.command(module, *arguments),
                cwd=CHECKOUT,
                env={**self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        started = Started(process, output)
        try:
            yield started
        finally:
            started.stop(signal.SIGTERM)

    def run(self, module: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(module, *arguments),
            cwd=CHECKOUT,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def remove(self) -> None:
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        for path in (
            self.state,
            self.places.database_home(),
            *homes_of_tests(self.places, unprivileged_account()),
        ):
            shutil.rmtree(path, ignore_errors=True)


@dataclass
class Started:
    """A command that runs, and what it printed so far."""

    process: subprocess.Popen[bytes]
    output: Path

    @property
    def text(self) -> str:
        return self.output.read_text()

    def wait_for(self, words: str) -> "Started":
        wait_for(lambda: words in self.text or self.process.poll() is not None, f"{words!r} in:\n{self.text}")
        assert words in self.text, f"ended with {self.process.returncode}:\n{self.text}"
        return self

    def variable(self, name: str) -> str:
        match = re.search(rf"^export {name}=(\S+)$", self.text, re.MULTILINE)
        assert match, self.text
        return match[1]

    def stop(self, number: signal.Signals) -> int:
        """Sends the signal and gives the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(30)
