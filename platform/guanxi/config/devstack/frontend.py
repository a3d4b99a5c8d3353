"""`guanxi frontend`: installs and builds the pages, but only what has changed since the last time."""

import argparse
import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from guanxi.config.devstack.places import Places, StackError, default_places
from guanxi.config.devstack.processes import tether
from guanxi.config.devstack.progress import Progress

LEAST_NODE = (20, 19)
# Made by the build or the tests, or without influence on what is built.
PASSED_OVER = frozenset({"node_modules", "dist", "tests", "e2e", "coverage", ".vite", "test-results"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--install-only", action="store_true", help="install the packages without building the pages")
    parser.add_argument("--force", action="store_true", help="build even if nothing has changed")


def run(args: argparse.Namespace) -> int:
    progress = Progress()
    places = default_places()
    try:
        if not (places.checkout / "frontend" / "package.json").exists():
            progress.say("  There is no frontend/package.json yet; the pages are left out.")
            return 0
        npm = _npm()
        install(places, npm, progress)
        if not args.install_only:
            build(places, npm, progress, force=args.force)
    except StackError as error:
        progress.fail(error.what, lines=error.lines, remedy=error.remedy)
        return 1
    return 0


def install(places: Places, npm: str, progress: Progress) -> None:
    folder = places.checkout / "frontend"
    stamp = folder / "node_modules" / ".installed"
    print_now = fingerprint(path for path in sources(folder) if path.name in {"package.json", "package-lock.json"})
    if _says(stamp, print_now):
        return
    progress.begin("Packages of the pages")
    _npm_run(places, [npm, "ci", "--no-audit", "--no-fund"], log_name="npm-install", progress=progress)
    stamp.write_text(print_now)
    progress.done("Packages of the pages", "installed")


def build(places: Places, npm: str, progress: Progress, *, force: bool = False) -> None:
    folder = places.checkout / "frontend"
    stamp = places.checkout / "var" / "stamps" / "frontend"
    print_now = fingerprint(sources(folder), outputs=folder)
    if not force and _says(stamp, print_now):
        return
    progress.begin("Pages")
    _npm_run(places, [npm, "run", "build"], log_name="npm-build", progress=progress)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(fingerprint(sources(folder), outputs=folder))
    progress.done("Pages", "built")


def sources(folder: Path) -> Iterator[Path]:
    """Every file that may influence the build."""
    for current, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - PASSED_OVER)
        yield from (Path(current) / name for name in sorted(files) if not name.endswith((".test.ts", ".tsbuildinfo")))


def fingerprint(paths: Iterable[Path], *, outputs: Path | None = None) -> str:
    """A digest over names and contents, and over which built folders there are."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path}\0".encode())
        digest.update(path.read_bytes())
    for built in sorted(outputs.glob("apps/*/dist")) if outputs else ():
        digest.update(f"{built}\0".encode())
    return digest.hexdigest()


def _says(stamp: Path, expected: str) -> bool:
    try:
        return stamp.read_text() == expected
    except OSError:
        return False


def _npm() -> str:
    npm, node = shutil.which("npm"), shutil.which("node")
    remedy = f"Install Node.js {LEAST_NODE[0]} (from {LEAST_NODE[0]}.{LEAST_NODE[1]}) with npm, and try again."
    if not npm or not node:
        raise StackError("Node.js with npm is needed to build the pages, and was not found.", remedy=remedy)
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    numbers = tuple(int(part) for part in version.lstrip("v").split(".")[:2] if part.isdigit())
    if numbers < LEAST_NODE:
        raise StackError(f"Node.js {version} is too old to build the pages.", remedy=remedy)
    return npm


def _npm_run(places: Places, command: list[str], *, log_name: str, progress: Progress) -> None:
    places.prepare()
    log = places.log / f"{log_name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=places.checkout / "frontend",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "CI": "1", "NO_COLOR": "1"},
            preexec_fn=tether(signal.SIGTERM),  # noqa: PLW1509 (a single thread)
        )
        try:
            while process.poll() is None:
                progress.tick()
                time.sleep(0.1)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        raise StackError(
            f"`{' '.join(['npm', *command[1:]])}` failed in frontend/ (exit code {process.returncode}).",
            lines=log.read_text(errors="replace").rstrip().splitlines()[-15:],
            remedy=f"The whole log: {log}",
        )
