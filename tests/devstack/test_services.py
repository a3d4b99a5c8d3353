"""The servers that test runs share: who gets what, and when they end."""

import json
import os
import signal
import stat
from pathlib import Path

import psycopg
import pytest
import redis

from guanxi.config.devstack.services import TestPlaces, ensure_test_services, release_pins
from tests.devstack.running import Sandbox, wait_for

HOLDER = "tests.devstack.holder"


def test_runs_side_by_side_get_databases_of_their_own_on_one_server(sandbox: Sandbox) -> None:
    with sandbox.start(HOLDER) as one, sandbox.start(HOLDER) as two:
        first, second = (started.wait_for("REDIS_URL").variable("DATABASE_URL") for started in (one, two))
        assert first != second
        assert first.rpartition("/")[0] == second.rpartition("/")[0]
        for url in (first, second):
            with psycopg.connect(url) as connection:
                assert connection.execute("SHOW fsync").fetchone() == ("off",)
        queues = [redis.Redis.from_url(started.variable("REDIS_URL")) for started in (one, two)]
        queues[0].set("mine", "1")
        assert queues[1].get("mine") is None
        assert stat.S_IMODE(TestPlaces(sandbox.places).services.stat().st_mode) == 0o600
    sandbox.wait_until_empty()


def test_a_killed_run_gives_its_place_back_and_the_servers_end(sandbox: Sandbox) -> None:
    with sandbox.start(HOLDER) as one:
        url = one.wait_for("REDIS_URL").variable("DATABASE_URL")
        one.stop(signal.SIGKILL)
        with sandbox.start(HOLDER) as two:
            assert two.wait_for("REDIS_URL").variable("DATABASE_URL") == url
    sandbox.wait_until_empty()


def test_a_killed_keeper_leaves_no_server_and_the_next_run_starts_afresh(sandbox: Sandbox) -> None:
    with sandbox.start(HOLDER) as one:
        one.wait_for("REDIS_URL")
        os.kill(int(json.loads(TestPlaces(sandbox.places).services.read_text())["keeper"]), signal.SIGKILL)
        wait_for(
            lambda: not any("postgres" in command or "valkey" in command for command in sandbox.processes().values()),
            "the end",
        )
        with sandbox.start(HOLDER) as two:
            url = two.wait_for("REDIS_URL").variable("DATABASE_URL")
            psycopg.connect(url).close()
    sandbox.wait_until_empty()


def test_a_pinned_place_outlives_its_command_until_it_is_given_back(sandbox: Sandbox) -> None:
    pinned = sandbox.run("guanxi.config.cli", "testdb")
    assert pinned.returncode == 0, pinned.stderr
    url = pinned.stdout.split("DATABASE_URL=")[1].split()[0]
    assert sandbox.processes()
    psycopg.connect(url).close()
    assert release_pins(sandbox.places) == 1
    sandbox.wait_until_empty()


def test_outside_servers_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@db.example/theirs")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example/3")
    monkeypatch.setenv("GUANXI_STATE", str(tmp_path))
    assert ensure_test_services() == ("postgresql://somebody@db.example/theirs", "redis://cache.example/3")
    assert not list(tmp_path.iterdir())
