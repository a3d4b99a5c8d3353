"""
`guanxi browser`: a Chromium with Chinese letters for the browser tests.

The system's own is taken when there is one. Otherwise Debian's packages are fetched and unpacked below var/tools, which
needs no root and installs nothing.
"""

import argparse
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from guanxi.config.devstack.places import Places, StackError, default_places
from guanxi.config.devstack.processes import tether
from guanxi.config.devstack.progress import Progress
from guanxi.config.devstack.services import locked

SYSTEM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_PATHS = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)
BROWSER_PACKAGES = ("chromium-headless-shell",)
FONT_PACKAGES = ("fonts-noto-cjk", "fonts-noto-color-emoji")
SYSTEM_STATUS = Path("/var/lib/dpkg/status")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
REMEDY = "Install a Chromium or Chrome yourself, or name one: GUANXI_CHROMIUM=/path/to/chromium make test"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="fetch and check it anew")
    parser.add_argument("--own", action="store_true", help="fetch one even if the system has a browser")


def run(args: argparse.Namespace) -> int:
    progress = Progress()
    places = default_places()
    folder = places.tools / "browser"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with locked(folder / "lock"):
            if args.force:
                for path in folder.iterdir():
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            provide(places, progress, own=args.own)
    except StackError as error:
        progress.fail(error.what, lines=error.lines, remedy=error.remedy)
        return 1
    return 0


def chromium_path(places: Places | None = None) -> Path:
    """The program that starts the browser; `guanxi browser` has to have been run."""
    path = (places or default_places()).tools / "browser" / "chromium"
    if not path.exists():
        raise StackError(
            f"There is no browser at {path}.", remedy="Run `make browser` (`make test` does it by itself)."
        )
    return path


def provide(places: Places, progress: Progress, *, own: bool = False) -> None:
    """Leaves a checked `var/tools/browser/chromium`, whatever that takes."""
    folder = places.tools / "browser"
    wrapper, checked = folder / "chromium", folder / "checked"
    system = None if own else system_browser()
    wanted = [*(() if system else BROWSER_PACKAGES), *(() if has_chinese_font() and not own else FONT_PACKAGES)]
    missing = [name for name in wanted if not (folder / f"{name}.unpacked").exists()]
    if missing:
        _fetch(folder, missing, progress)
    program = system or _unpacked_program(folder)
    text = _wrapper(folder, program)
    if checked.exists() and wrapper.exists() and wrapper.read_text() == text == checked.read_text():
        return
    wrapper.write_text(text)
    wrapper.chmod(0o755)
    _check(wrapper, progress)
    checked.write_text(text)


def system_browser() -> Path | None:
    named = os.environ.get("GUANXI_CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            raise StackError(f"GUANXI_CHROMIUM names {named}, which is not a program.")
        return Path(named)
    found = next(filter(None, map(shutil.which, SYSTEM_NAMES)), None)
    return Path(found) if found else next((path for path in MAC_PATHS if path.exists()), None)


def has_chinese_font() -> bool:
    if sys.platform != "linux":
        return True
    fc_list = shutil.which("fc-list")
    if fc_list:
        answer = subprocess.run([fc_list, ":lang=zh-cn", "file"], capture_output=True, text=True, check=False)
        return bool(answer.stdout.strip())
    names = (path.name.lower() for path in Path("/usr/share/fonts").rglob("*.*"))
    return any(part in name for name in names for part in ("cjk", "wqy", "sourcehan", "uming", "droidsansfallback"))


def _fetch(folder: Path, packages: Sequence[str], progress: Progress) -> None:
    title = "Browser for the tests" if "chromium-headless-shell" in packages else "Chinese letters for the browser"
    progress.begin(title)
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise StackError("No Chromium was found, and this system has no apt-get to fetch one with.", remedy=REMEDY)
    apt = _own_apt(folder / "apt")
    # A repository of the system that does not answer must not keep us from those that do.
    _run([*apt, "update"], folder, progress, may_fail=True)
    archives = folder / "apt" / "cache" / "archives"
    _run([*apt, "install", "--download-only", "--yes", "--no-install-recommends", *packages], folder, progress)
    for archive in sorted(archives.glob("*.deb")):
        _run(["dpkg-deb", "--extract", str(archive), str(folder / "root")], folder, progress)
    for name in packages:
        (folder / f"{name}.unpacked").touch()
    shutil.rmtree(folder / "apt")
    progress.done(title, "fetched")


def _own_apt(folder: Path) -> list[str]:
    """apt-get with lists and archives of its own, so that it needs no rights and leaves the system as it is."""
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    status = folder / "status"
    status.write_text(_without_browsers(SYSTEM_STATUS.read_text(errors="replace")))
    options = {
        "Dir::State::status": f"{status}",
        "Dir::State::lists": f"{folder}/lists",
        "Dir::Cache": f"{folder}/cache",
        "Dir::Cache::archives": f"{folder}/cache/archives",
        "Dir::Log": f"{folder}",
        "Debug::NoLocking": "true",
        "APT::Sandbox::User": "",
        "Acquire::Retries": "3",
        "Acquire::Languages": "none",
    }
    return ["apt-get", "--quiet", *(part for name, value in options.items() for part in ("-o", f"{name}={value}"))]


def _without_browsers(status: str) -> str:
    """What is installed, parts of a browser excepted: what we fetch has to stand on its own."""
    return "\n\n".join(stanza for stanza in status.split("\n\n") if not stanza.startswith("Package: chromium"))


def _run(command: list[str], folder: Path, progress: Progress, *, may_fail: bool = False) -> None:
    log = folder / "fetch.log"
    with log.open("ab") as output:
        begins_at = output.tell()
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            preexec_fn=tether(signal.SIGTERM),  # noqa: PLW1509 (a single thread)
        )
        while process.poll() is None:
            progress.tick()
            time.sleep(0.1)
    if process.returncode and not may_fail:
        said = log.read_bytes()[begins_at:].decode(errors="replace").splitlines()
        raise StackError(
            f"The browser could not be fetched: `{command[0]}` failed (exit code {process.returncode}).",
            lines=said[-12:],
            remedy=REMEDY,
        )


def _unpacked_program(folder: Path) -> Path:
    for pattern in ("usr/lib/chromium/chromium-headless-shell", "usr/lib/chromium/headless_shell"):
        if (folder / "root" / pattern).exists():
            return folder / "root" / pattern
    found = sorted(
        path for path in folder.glob("root/usr/**/*headless*shell*") if os.access(path, os.X_OK) and path.is_file()
    )
    if not found:
        raise StackError("The fetched packages do not hold the browser.", remedy=f"{REMEDY} (see {folder})")
    return max(found, key=lambda path: path.stat().st_size)


def _wrapper(folder: Path, program: Path) -> str:
    """A script that starts the program with the fetched libraries and letters."""
    lines = ["#!/bin/sh"]
    root = folder / "root"
    if root.is_dir():
        fonts = folder / "fonts.conf"
        fonts.write_text(_fonts_conf(folder))
        lines.append(f"export FONTCONFIG_FILE={shlex.quote(str(fonts))}")
        if program.is_relative_to(root):
            libraries = ":".join(shlex.quote(str(path)) for path in _library_folders(root))
            if libraries:
                lines.append(f'export LD_LIBRARY_PATH={libraries}"${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"')
    return "\n".join([*lines, f'exec {shlex.quote(str(program))} "$@"', ""])


def _library_folders(root: Path) -> list[Path]:
    """`lib` and `usr/lib` with the machine's own folder in them, such as `x86_64-linux-gnu`."""
    candidates = [
        folder for top in (root / "lib", root / "usr" / "lib") for folder in (top, *sorted(top.glob("*-linux-*")))
    ]
    # pulseaudio keeps a library in a folder of its own and finds it by an absolute path that is not ours.
    candidates += sorted(root.glob("usr/lib/*-linux-*/pulseaudio"))
    return [folder for folder in candidates if any(folder.glob("*.so*"))]


def _fonts_conf(folder: Path) -> str:
    own_rules = folder / "root" / "etc" / "fonts" / "conf.d"
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n<fontconfig>\n'
        '  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>\n'
        f'  <include ignore_missing="yes">{own_rules}</include>\n'
        f"  <dir>{folder / 'root' / 'usr' / 'share' / 'fonts'}</dir>\n"
        f"  <dir>/usr/share/fonts</dir>\n  <cachedir>{folder / 'font-cache'}</cachedir>\n</fontconfig>\n"
    )


def _check(wrapper: Path, progress: Progress) -> None:
    """It starts, runs a script and shows the page that results."""
    progress.begin("Trying the browser")
    page = "data:text/html,<body><script>document.body.append(6*7)</script>"
    try:
        answer = subprocess.run(
            [str(wrapper), *FLAGS, "--dump-dom", page],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise StackError("The browser started, but did not show a page within 90 seconds.", remedy=REMEDY) from None
    if "42</body>" not in answer.stdout:
        raise StackError("The browser does not run.", lines=answer.stderr.splitlines()[-12:], remedy=REMEDY)
    progress.done("Trying the browser", "works")
