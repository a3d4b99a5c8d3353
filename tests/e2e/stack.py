"""A whole stack in a folder of its own, as `make demo` runs it, without the demo's data."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.devstack.running import Sandbox, wait_for


@dataclass
class RunningStack:
    """Where the stack's parts answer, and its processes."""

    sandbox: Sandbox
    web_port: int
    fake_port: int

    @property
    def base_url(self) -> str:
        """Return the start page's address."""
        return f"http://localhost:{self.web_port}"

    @property
    def fake_url(self) -> str:
        """Return the address of the played WeChat and the mailbox."""
        return f"http://127.0.0.1:{self.fake_port}"

    def workspace_url(self, slug: str) -> str:
        """Return a workspace's address."""
        return f"http://{slug}.localhost:{self.web_port}"

    def process_named(self, *words: str) -> list[int]:
        """Return the ids of the stack's processes whose command line holds all the words."""
        return [pid for pid, line in self.sandbox.processes().items() if all(word in line for word in words)]

    def kill(self, *words: str) -> None:
        """Kill a part of the stack; the supervisor starts it again."""
        found = self.process_named(*words)
        assert found, f"nothing runs that is called {words}"
        for pid in found:
            os.kill(pid, signal.SIGKILL)

    def freeze(self, *words: str) -> list[int]:
        """Stop a part of the stack without ending it; return what to thaw."""
        found = self.process_named(*words)
        assert found, f"nothing runs that is called {words}"
        for pid in found:
            os.kill(pid, signal.SIGSTOP)
        return found

    def thaw(self, pids: list[int]) -> None:
        """Let frozen processes run on."""
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    def mails_to(self, address: str) -> list[dict[str, str]]:
        """Return the mails that the mailbox holds for somebody, newest first."""
        rows = requests.get(f"{self.fake_url}/_control/mail", timeout=10).json()
        return [mail for mail in rows if address in json.dumps(mail.get("to", ""))]


@contextmanager
def running_stack(folder: Path) -> Iterator[RunningStack]:
    """Start the stack for the block; nothing of it is left afterwards."""
    sandbox = Sandbox(folder / "state")
    try:
        with sandbox.start("guanxi.config.cli", "demo", "--no-fill") as started:
            wait_for(lambda: "Guanxi runs" in started.text or started.process.poll() is not None, "the stack", 300)
            assert started.process.poll() is None, started.text
            ports = json.loads((sandbox.places.run / "ports.json").read_text())
            yield RunningStack(sandbox, ports["web"], ports["wechat-fake"])
    finally:
        sandbox.wait_until_empty(30)
        sandbox.remove()
