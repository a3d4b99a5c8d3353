"""
PostgreSQL and Redis for tests: one pair of servers for a checkout, started by whoever comes first.

Every pytest run takes a slot, which gives it a database name and a range of Redis databases of its own, so that several
runs go on side by side. A slot is a file lock: however its holder ends, the system gives it back. A keeper process
(`keeper.py`) runs the servers and stops them when no slot is held any more.
"""

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from guanxi.config.devstack.places import Places, StackError, default_places
from guanxi.config.devstack.postgres import create_database

SLOTS = 16
REDIS_DATABASES_PER_SLOT = 32
KEEPER_MODULE = "guanxi.config.devstack.keeper"
START_SECONDS = 60.0
# A slot that was pinned for a person is given back after a working day.
PIN_SECONDS = 10 * 3600.0

_held: list[IO[str]] = []


@dataclass(frozen=True)
class TestPlaces:
    """The files by which test runs and the keeper find each other."""

    __test__ = False
    places: Places

    @property
    def folder(self) -> Path:
        return self.places.state / "test"

    @property
    def gate(self) -> Path:
        """Held by whoever changes anything: takes a slot, starts or stops the servers."""
        return self.folder / "gate.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper as long as it lives."""
        return self.folder / "keeper.lock"

    @property
    def services(self) -> Path:
        return self.folder / "services.json"

    @property
    def keeper_log(self) -> Path:
        return self.folder / "keeper.log"

    def slot(self, number: int) -> Path:
        return self.folder / f"slot-{number}.lock"

    def pin(self, number: int) -> Path:
        return self.folder / f"slot-{number}.pin"


def ensure_test_services() -> tuple[str, str]:
    """
    The URLs of a database server and a Redis for this test run, started if need be.

    DATABASE_URL and REDIS_URL win when they are set. Otherwise they are set here, so that the workers of pytest-xdist
    and all programs that a test starts use the same ones. The servers stay until the calling process ends.
    """
    database_url, redis_url = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if not (database_url and redis_url):
        own_database, own_redis = take_slot(default_places())
        database_url, redis_url = database_url or own_database, redis_url or own_redis
        os.environ.update(DATABASE_URL=database_url, REDIS_URL=redis_url)
    return database_url, redis_url


def take_slot(places: Places, *, pin: bool = False) -> tuple[str, str]:
    """Takes a free slot, for the life of this process or until it is unpinned, and gives the URLs that belong to it."""
    test = TestPlaces(places)
    test.folder.mkdir(parents=True, exist_ok=True)
    with locked(test.gate):
        number = _take_pin(test) if pin else _take_lock(test)
        servers = _running_servers(test) or _start_keeper(test)
        database_url, redis_url = _urls_of(servers, number)
        create_database(database_url)
        return database_url, redis_url


def release_pins(places: Places) -> int:
    """Gives every pinned slot back; the servers stop when no test run needs them either."""
    test = TestPlaces(places)
    pins = [test.pin(number) for number in range(SLOTS) if test.pin(number).exists()]
    for pin in pins:
        pin.unlink(missing_ok=True)
    return len(pins)


def slot_is_free(test: TestPlaces, number: int) -> bool:
    """Nobody holds its lock, and no fresh pin marks it."""
    pin = test.pin(number)
    try:
        if time.time() - pin.stat().st_mtime < PIN_SECONDS:
            return False
    except FileNotFoundError:
        pass
    lock = try_lock(test.slot(number))
    if lock is None:
        return False
    lock.close()
    return True


def try_lock(path: Path) -> IO[str] | None:
    """The open, locked file, or None when another process holds it. Closing it, or ending, gives it back."""
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _take_lock(test: TestPlaces) -> int:
    for number in range(SLOTS):
        if slot_is_free(test, number) and (lock := try_lock(test.slot(number))):
            _held.append(lock)
            return number
    raise StackError(
        f"{SLOTS} test runs are going on already in {test.places.checkout}.", remedy="Wait for one to end."
    )


def _take_pin(test: TestPlaces) -> int:
    for number in reversed(range(SLOTS)):
        if test.pin(number).exists() or slot_is_free(test, number):
            test.pin(number).touch()
            return number
    raise StackError(f"All {SLOTS} test slots are taken.", remedy="Wait for a test run to end.")


def _running_servers(test: TestPlaces) -> dict[str, str] | None:
    lock = try_lock(test.keeper_lock)
    if lock is not None:
        lock.close()
        return None
    return _read(test.services)


def _start_keeper(test: TestPlaces) -> dict[str, str]:
    test.services.unlink(missing_ok=True)
    with test.keeper_log.open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", KEEPER_MODULE, str(test.places.state)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=test.places.checkout,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        servers = _read(test.services)
        if servers is not None:
            keeper.returncode = 0  # it goes on without us; do not warn about that
            return servers
        if keeper.poll() is not None:
            break
        time.sleep(0.03)
    keeper.kill()
    keeper.wait()
    tail = "\n".join(test.keeper_log.read_text(errors="replace").splitlines()[-15:])
    raise StackError(f"The servers for tests did not start.\n{tail}", remedy=f"The whole log: {test.keeper_log}")


def _urls_of(servers: dict[str, str], number: int) -> tuple[str, str]:
    database = "guanxi" if number == 0 else f"guanxi_{number}"
    return f"{servers['database']}/{database}", f"{servers['redis']}/{number * REDIS_DATABASES_PER_SLOT}"


def _read(path: Path) -> dict[str, str] | None:
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return {str(name): str(value) for name, value in content.items()}
