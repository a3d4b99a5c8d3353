"""The chart's own commands, environment and probes, run here: each role starts, answers and ends when told to."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.helm import policy
from tests.helm.tools import Helm, Manifest, values_file

pytestmark = [pytest.mark.slow, pytest.mark.committed, pytest.mark.usefixtures("database")]

BIN = Path(sys.executable).parent
START_SECONDS = 60.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Role:
    """One container of the chart, as it would run, but in this machine's folders."""

    def __init__(self, container: Manifest, folder: Path) -> None:
        self.container = container
        self.folder = folder
        self.port = free_port()

    @property
    def environ(self) -> dict[str, str]:
        """Return the container's environment; Secrets are played by the test's own servers."""
        secrets = {
            "DATABASE_URL": os.environ["DATABASE_URL"],
            "REDIS_URL": os.environ["REDIS_URL"],
            "DJANGO_SECRET_KEY": "a-long-value-that-signs-nothing-but-this-test",
            "GUANXI_SECRET_KEYS": "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        }
        environ = {"GUANXI_STATE_DIR": str(self.folder)}
        for variable in self.container["env"]:
            name = variable["name"]
            environ[name] = secrets[name] if "valueFrom" in variable else str(variable["value"])
        here = {name: self._here(value) for name, value in environ.items()}
        # What a test has taken away from this process is taken away from the role, too.
        taken = {name: os.environ[name] for name in ("GUANXI_WITHOUT", "PYTHONPATH") if name in os.environ}
        # The folders of the checkout stay where they are, wherever that is.
        return {**here, **taken, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}

    def _here(self, text: str) -> str:
        return (
            str(self.folder)
            if text == "/tmp"
            else text.replace("/tmp/", f"{self.folder}/")
            if text.startswith("/tmp/")
            else text
        )

    def command(self) -> list[str]:
        """Return the container's command with this role's port in it."""
        return [str(self.port) if part == "8000" else self._here(str(part)) for part in self.container["command"]]

    def probe(self, name: str) -> bool:
        """Ask a probe once."""
        declared: dict[str, Any] = self.container[name]
        if "exec" in declared:
            command = [str(part) for part in declared["exec"]["command"]]
            seconds = declared["timeoutSeconds"]
            done = subprocess.run(command, env=self.environ, timeout=seconds, capture_output=True, check=False)
            return done.returncode == 0
        request = declared["httpGet"]
        headers = {header["name"]: header["value"] for header in request["httpHeaders"]}
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{request['path']}", headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=declared["timeoutSeconds"]) as answer:
                return 200 <= int(answer.status) < 400
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def becomes(self, name: str, process: subprocess.Popen[str]) -> bool:
        """Wait until a probe says yes, or the process has ended, or it takes too long."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and process.poll() is None:
            if self.probe(name):
                return True
            time.sleep(0.3)
        return False

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        """Run the command; whatever happens, nothing of it stays."""
        log = (self.folder / "log").open("w+", encoding="utf-8")
        process = subprocess.Popen(
            self.command(),
            env=self.environ,
            cwd=self.folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            log.close()

    def said(self) -> str:
        """Return what the process wrote."""
        return (self.folder / "log").read_text(encoding="utf-8")


def role_of(helm: Helm, name: str, folder: Path) -> Role:
    """Return a role of the smallest release."""
    manifests = helm.render(values_file("minimal"), overrides={"baseDomain": "crm.example.com"})
    (container,) = [
        container for _, workload, container in policy.containers(manifests) if policy.component(workload) == name
    ]
    return Role(container, folder)


@pytest.mark.parametrize("name", ["web", "worker", "beat", "relay"])
def test_a_role_starts_answers_its_probes_and_ends(helm: Helm, tmp_path: Path, name: str) -> None:
    role = role_of(helm, name, tmp_path)
    assert not role.probe("livenessProbe"), "the probe says yes before there is anything"
    with role.running() as process:
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert role.becomes(probe, process), role.said()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=25) in (0, -signal.SIGTERM), role.said()


def test_a_role_that_has_stopped_working_is_found(helm: Helm, tmp_path: Path) -> None:
    role = role_of(helm, "relay", tmp_path)
    with role.running() as process:
        assert role.becomes("livenessProbe", process), role.said()
        os.kill(process.pid, signal.SIGSTOP)
        long_ago = time.time() - 3600
        os.utime(tmp_path / "guanxi-relay.alive", (long_ago, long_ago))
        assert not role.probe("livenessProbe")
        os.kill(process.pid, signal.SIGCONT)
        assert role.becomes("livenessProbe", process), role.said()


def test_the_migration_job_runs(helm: Helm, tmp_path: Path) -> None:
    role = role_of(helm, "migrate", tmp_path)
    done = subprocess.run(
        role.command(), env=role.environ, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_without_its_secrets_a_role_says_what_is_missing(helm: Helm, tmp_path: Path) -> None:
    role = role_of(helm, "web", tmp_path)
    environ = {
        name: value for name, value in role.environ.items() if name not in {"DATABASE_URL", "GUANXI_SECRET_KEYS"}
    }
    done = subprocess.run(
        role.command(), env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "DATABASE_URL is missing" in done.stderr
    assert "GUANXI_SECRET_KEYS is missing" in done.stderr
