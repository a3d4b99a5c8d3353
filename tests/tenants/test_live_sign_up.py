"""Signing up against a real server over real HTTP, with real password hashing; the times are printed, not asserted."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tenants.workspaces.models import Workspace
from tenants.workspaces.provisioning.spares import refill_spares
from tests.fakes.running import free_port
from tests.tenants.forms import body_for

pytestmark = [pytest.mark.committed, pytest.mark.slow, pytest.mark.usefixtures("database")]
ROUNDS = 5


@pytest.fixture
def server(database: None, tmp_path: Path) -> Iterator[str]:
    """Run daphne on a free port, in the settings of a developer's machine; return its address."""
    refill_spares(wanted=ROUNDS)
    port, log = free_port(), tmp_path / "daphne.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "guanxi.config.asgi:application"],
            stdout=output,
            stderr=output,
            env={**os.environ, "GUANXI_ENV": "dev", "DJANGO_SETTINGS_MODULE": "guanxi.config.settings.dev"},
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/livez", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(url, timeout=5).raise_for_status()
            return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace")[-4000:])


def test_from_submit_to_a_page_that_can_be_used(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    submits, totals = [], []
    requests.get(f"{server}/api/base/v1/site", headers={"Host": "localhost"}, timeout=30).raise_for_status()
    for number in range(ROUNDS):
        slug = f"live-{number}"
        host = {"Host": f"{slug}.localhost"}
        began = time.perf_counter()
        answer = requests.post(
            f"{server}/api/base/v1/signups", json=body_for(slug), headers={"Host": "localhost"}, timeout=30
        )
        submits.append(time.perf_counter() - began)
        assert answer.status_code == 201, answer.text
        token = answer.json()["hand_over_url"].rpartition("/")[2]
        with requests.Session() as browser:
            arrived = browser.get(f"{server}/hand-over/{token}", headers=host, timeout=30, allow_redirects=False)
            assert (arrived.status_code, arrived.headers["Location"]) == (302, "/")
            # The cookies are for the workspace's host, which this client reaches by address.
            cookies = {cookie.name: str(cookie.value) for cookie in arrived.cookies}
            session = requests.get(f"{server}/api/v1/session", headers=host, cookies=cookies, timeout=30).json()
        totals.append(time.perf_counter() - began)
        assert session["member"]["roles"] == ["owner"]
    assert Workspace.objects.filter(slug__startswith="live-", state="trialing").count() == ROUNDS
    with capsys.disabled():
        print(
            f"\nsign-up: submit {statistics.median(submits):.3f} s, to a usable page {statistics.median(totals):.3f} s"
        )
