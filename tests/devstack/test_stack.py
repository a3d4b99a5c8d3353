"""Starting, stopping, dying: what a stack leaves behind and what it says."""

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from guanxi.config.devstack.places import CHECKOUT
from guanxi.config.devstack.processes import signal_group
from tests.devstack.running import Sandbox, wait_for

CLI = "guanxi.config.cli"
SAMPLE = "tests.devstack.sample"


def modes(path: Path) -> dict[Path, int]:
    return {folder: stat.S_IMODE(folder.stat().st_mode) for folder in (path, *path.parents)}


def test_data_and_ports_survive_a_stop_and_nothing_else_does(sandbox: Sandbox) -> None:
    before = modes(sandbox.state) | modes(CHECKOUT)
    with sandbox.start(CLI, "up") as started:
        url = started.wait_for("export REDIS_URL").variable("DATABASE_URL")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            connection.execute("CREATE EXTENSION pg_trgm")
            trigrams = connection.execute("SELECT show_trgm('茶叶')").fetchone()
            limits = connection.execute("SHOW max_locks_per_transaction").fetchone()
        assert trigrams is not None
        assert len(trigrams[0]) >= 2, "trigrams of Chinese words need a fitting locale"
        assert limits == ("1024",)
        assert started.stop(signal.SIGINT) == 0
    sandbox.wait_until_empty(patience=1)
    assert modes(sandbox.state) | modes(CHECKOUT) == before, "a folder above ours was opened or closed"
    with sandbox.start(CLI, "up") as started:
        assert started.wait_for("export REDIS_URL").variable("DATABASE_URL") == url
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        assert started.stop(signal.SIGTERM) == 0
    sandbox.wait_until_empty(patience=1)


def test_a_killed_supervisor_takes_everything_along_and_the_next_start_recovers(sandbox: Sandbox) -> None:
    with sandbox.start(SAMPLE, "plain") as started:
        started.wait_for("runs at")
        assert len(sandbox.processes()) > 8
        started.stop(signal.SIGKILL)
        sandbox.wait_until_empty()
    with sandbox.start(SAMPLE, "plain") as started:
        started.wait_for("runs at")
        assert started.stop(signal.SIGINT) == 0
    sandbox.wait_until_empty(patience=1)


def test_servers_survive_neither_supervisor_nor_guardian(sandbox: Sandbox) -> None:
    """Both killed in the same moment: what is left is the kernel's signal to the children."""
    with sandbox.start(SAMPLE, "plain") as started:
        started.wait_for("runs at")
        guardians = [pid for pid, command in sandbox.processes().items() if SAMPLE in command]
        assert started.process.pid in guardians
        assert len(guardians) == 2
        for pid in guardians:
            os.kill(pid, signal.SIGKILL)
        started.process.wait()
        # The grandchild of the stubborn program is the guardian's business alone.
        wait_for(
            lambda: all("sleep(600)" in command for command in sandbox.processes().values()), "the end of the rest"
        )
    for pid in sandbox.processes():
        os.kill(pid, signal.SIGKILL)


def test_a_stack_that_is_tied_ends_with_its_parent(sandbox: Sandbox) -> None:
    code = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-m', '{SAMPLE}', 'plain', 'tied'])\n"
        "time.sleep(600)\n"
    )
    output = sandbox.state / "tied.txt"
    with output.open("wb") as file:
        parent = subprocess.Popen(
            [sys.executable, "-c", code], cwd=CHECKOUT, env=sandbox.environment, stdout=file, start_new_session=True
        )
    wait_for(lambda: "runs at" in output.read_text(), "the start")
    parent.kill()
    parent.wait()
    sandbox.wait_until_empty()
    assert "Stopped" in output.read_text(), "it was ended, not asked to end"


def test_a_second_start_tells_where_the_first_runs(sandbox: Sandbox) -> None:
    with sandbox.start(SAMPLE, "plain") as started:
        started.wait_for("runs at")
        second = sandbox.run(SAMPLE, "plain")
        assert second.returncode == 0
        assert "runs already: http://localhost:" in second.stdout
        assert f"kill {started.process.pid}" in second.stdout


def test_a_taken_port_is_left_alone(sandbox: Sandbox) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 18000))
        except OSError:
            pytest.skip("the port is in use on this machine")
        taken.listen()
        with sandbox.start(SAMPLE, "plain") as started:
            text = started.wait_for("runs at").text
            assert "http://localhost:18000" not in text
            assert "http://localhost:18" in text


def test_a_program_that_cannot_start_is_named_with_its_last_words(sandbox: Sandbox) -> None:
    result = sandbox.run(SAMPLE, "broken")
    assert result.returncode == 1
    assert "Broken ended while it was starting (exit code 3)" in result.stdout
    assert "the cause: no such table" in result.stdout
    assert str(sandbox.places.log / "broken.log") in result.stdout
    sandbox.wait_until_empty(patience=1)


def test_a_program_that_crashes_is_started_again(sandbox: Sandbox) -> None:
    with sandbox.start(SAMPLE, "crashing") as started:
        started.wait_for("Crashing ended (exit code 4); it starts again in 1 s")
        started.wait_for("Crashing was started again")
        started.wait_for("it starts again in 2 s")
        assert "lost my way" in started.text


def test_a_killed_database_comes_back(sandbox: Sandbox) -> None:
    with sandbox.start(CLI, "up") as started:
        url = started.wait_for("export REDIS_URL").variable("DATABASE_URL")
        postmaster = next(pid for pid, command in sandbox.processes().items() if "/postgres -D" in command)
        os.kill(postmaster, signal.SIGKILL)
        started.wait_for("PostgreSQL was started again")

        def answers() -> bool:
            try:
                psycopg.connect(url).close()
            except psycopg.OperationalError:
                return False
            return True

        wait_for(answers, "a database that answers")


def test_unreadable_files_of_valkey_do_not_stop_the_stack(sandbox: Sandbox) -> None:
    files = sandbox.state / "valkey" / "appendonlydir"
    files.mkdir(parents=True)
    (files / "appendonly.aof.manifest").write_text("nonsense\n")
    with sandbox.start(CLI, "up") as started:
        started.wait_for("export REDIS_URL")
        assert "could not read its files" in started.text


def test_secrets_are_for_their_owner_alone(sandbox: Sandbox) -> None:
    first = sandbox.places.secret("sealing")
    assert sandbox.places.secret("sealing") == first
    assert stat.S_IMODE((sandbox.places.secrets / "sealing").stat().st_mode) == 0o600
    assert stat.S_IMODE(sandbox.places.secrets.stat().st_mode) == 0o700


def test_ending_a_group_that_is_gone_is_no_error() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""], process_group=0)
    process.wait()
    signal_group(process.pid, signal.SIGTERM)


def test_a_change_of_the_code_starts_programs_again_and_shows_what_they_say(sandbox: Sandbox, tmp_path: Path) -> None:
    source = tmp_path / "crm" / "deals" / "services.py"
    source.parent.mkdir(parents=True)
    source.touch()
    with sandbox.start("tests.devstack.watched", str(tmp_path)) as started:
        started.wait_for("watching")
        before = {pid for pid, command in sandbox.processes().items() if "sleep(600)" in command}
        database = {pid for pid, command in sandbox.processes().items() if "/postgres -D" in command}
        source.with_name("selectors.py").touch()
        started.wait_for("The code has changed; server, stubborn start again.")
        started.wait_for("stubborn    | up")
        after = {pid for pid, command in sandbox.processes().items() if "sleep(600)" in command}
        assert after
        assert not before & after
        assert database == {pid for pid, command in sandbox.processes().items() if "/postgres -D" in command}
    sandbox.wait_until_empty(patience=1)
