"""The command line, the pages' build, the browser and `.ci/run`."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from guanxi.config import cli
from guanxi.config.devstack import browser, frontend, ports, postgres
from guanxi.config.devstack.measure import family, measure, pss
from guanxi.config.devstack.places import CHECKOUT, Account, Places, StackError, reachable
from guanxi.config.devstack.progress import Progress, table
from tests.devstack.running import Sandbox

HEAVY = {"django", "celery", "langchain", "channels"}


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_help_is_quick_and_names_every_command() -> None:
    code = (
        "import sys; from guanxi.config.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print('HEAVY', {HEAVY!r} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY set()" in result.stdout
    assert all(command.name in result.stdout for command in cli.COMMANDS)


def test_management_commands_get_their_options(sandbox: Sandbox) -> None:
    result = sandbox.run("guanxi.config.cli", "manage", "check", "--help")
    assert "usage: guanxi manage check" in result.stdout, result.stderr


def test_a_command_of_a_missing_part_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "COMMANDS", (cli.Command("absent", "not here", "guanxi.config.absent"),))
    with pytest.raises(SystemExit, match=r"does not contain guanxi\.config\.absent"):
        cli.main(["absent"])


def test_pages_are_built_again_only_when_they_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = Places(checkout=tmp_path, state=tmp_path / "var")
    (tmp_path / "frontend" / "apps" / "console").mkdir(parents=True)
    (tmp_path / "frontend" / "package.json").write_text("{}")
    (tmp_path / "frontend" / "package-lock.json").write_text("{}")
    page = tmp_path / "frontend" / "apps" / "console" / "main.ts"
    page.write_text("one")
    program(
        tmp_path / "bin" / "npm",
        '#!/bin/sh\necho "$1" >> ../calls\nmkdir -p node_modules apps/console/dist\n[ ! -e ../broken ]\n',
    )
    npm, calls = str(tmp_path / "bin" / "npm"), tmp_path / "calls"

    def build() -> list[str]:
        calls.write_text("")
        frontend.install(places, npm, Progress())
        frontend.build(places, npm, Progress())
        return calls.read_text().split()

    assert build() == ["ci", "run"]
    assert build() == []
    page.write_text("two")
    assert build() == ["run"]
    (page.parent / "dist").rename(tmp_path / "elsewhere")
    assert build() == ["run"], "the built pages were gone"
    (tmp_path / "frontend" / "package-lock.json").write_text("{ }")
    assert build() == ["ci", "run"]
    page.write_text("three")
    (tmp_path / "broken").touch()
    with pytest.raises(StackError, match="npm run build"):
        build()
    (tmp_path / "broken").unlink()
    assert build() == ["run"], "a failed build must not count as done"


def test_a_browser_that_is_named_is_tried_and_then_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = Places(checkout=tmp_path, state=tmp_path / "var")
    (places.tools / "browser").mkdir(parents=True)
    shown = tmp_path / "shown"
    named = program(tmp_path / "my browser", f"#!/bin/sh\necho x >> '{shown}'\necho '<body>42</body>'\n")
    monkeypatch.setenv("GUANXI_CHROMIUM", str(named))
    monkeypatch.setattr(browser, "has_chinese_font", lambda: True)
    browser.provide(places, Progress())
    browser.provide(places, Progress())
    assert shown.read_text() == "x\n", "it has to be tried once, not each time"
    assert (
        subprocess.run([browser.chromium_path(places)], capture_output=True, check=True).stdout == b"<body>42</body>\n"
    )
    program(named, "#!/bin/sh\necho 'libnss3.so: cannot open' >&2; exit 127\n")
    monkeypatch.setenv("GUANXI_CHROMIUM", str(program(tmp_path / "other", named.read_text())))
    with pytest.raises(StackError, match="does not run"):
        browser.provide(places, Progress())


def test_a_port_stays_the_same_while_it_is_free(tmp_path: Path) -> None:
    first = ports.Ports(tmp_path / "ports.json").take("database")
    assert first in ports.RANDOM_PORTS
    again = ports.Ports(tmp_path / "ports.json")
    assert again.take("database") == first
    assert again.take("other") != first
    near = again.take("web", 18100)
    assert 18100 <= near < 18140
    again.release()
    assert ports.Ports(tmp_path / "ports.json").take("web", 18200) == near, "addresses that people noted stay valid"
    assert ports.Ports(tmp_path / "ports.json").take("web", 18200, wished=18300) in {18300, near}
    (tmp_path / "ports.json").write_text("not json")
    assert ports.Ports(tmp_path / "ports.json").take("database") in ports.RANDOM_PORTS


def test_two_stacks_that_start_together_get_different_ports(tmp_path: Path) -> None:
    one, two = ports.Ports(tmp_path / "one.json"), ports.Ports(tmp_path / "two.json")
    first = one.take("web", 18400)
    assert two.take("web", 18400) != first, "nobody listens there yet, but it is promised"
    one.release()
    assert ports.Ports(tmp_path / "three.json").take("web", wished=first) == first


def test_an_account_reaches_only_what_every_folder_on_the_way_lets_it(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "project"
    folder.mkdir(parents=True)
    stranger = Account(uid=54321, gid=54321)
    monkey = [path for path in folder.parents if not path.stat().st_mode & stat.S_IXOTH]
    assert reachable(folder, stranger) is not bool(monkey)
    folder.parent.chmod(0o700)
    assert not reachable(folder, stranger)
    assert not reachable(folder / "not" / "there" / "yet", stranger)


def test_programs_in_a_private_home_are_copied_to_where_the_server_may_run_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "reachable", lambda *_: False)
    monkeypatch.setattr(postgres, "ROOT_HOME", tmp_path / "open")
    server = postgres.EmbeddedPostgres(tmp_path / "home", 1, "", account=Account(uid=65534, gid=65534))
    copied = Path(server.program().argv[0])
    assert copied.is_relative_to(tmp_path / "open")
    assert "PostgreSQL" in subprocess.run([copied, "--version"], capture_output=True, text=True, check=True).stdout
    for path in (copied, *copied.parents[: copied.parents.index(tmp_path / "open")]):
        assert path.stat().st_mode & 0o005 == 0o005, f"{path} is closed to the account"
    assert Path(server.program().argv[0]) == copied
    assert len(list((tmp_path / "open").iterdir())) == 1


def test_memory_is_counted_over_children() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline()
        assert child.pid in family(os.getpid())
        assert pss(os.getpid()) > 1000 < pss(child.pid)
        assert measure()[-1].endswith("all processes (PSS)")
    finally:
        child.communicate()


def test_columns_fit_chinese_letters() -> None:
    assert table([("山丘", "a"), ("tea!", "b")], indent="") == ["山丘  a", "tea!  b"]


@pytest.mark.parametrize("broken", ["", "check", "test"])
def test_ci_fails_with_either_half_and_shows_the_closing_lines(tmp_path: Path, broken: str) -> None:
    script = program(tmp_path / "repo" / ".ci" / "run", (CHECKOUT / ".ci" / "run").read_text())
    closing = (
        "========= 1 failed, 7 passed in 3.21s ========="
        if broken == "test"
        else "========= 8 passed in 3.21s ========="
    )
    program(tmp_path / "bin" / "make", f"#!/bin/sh\necho making $1\necho '{closing}'\n[ \"$1\" != '{broken}' ]\n")
    result = subprocess.run(
        [script],
        env={**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode == 0) is (broken == "")
    assert closing in result.stdout
    assert "passed in" in result.stdout.splitlines()[1] or broken == "check"
