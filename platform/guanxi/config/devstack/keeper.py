"""The process that runs the servers for tests and ends with the last test run: `python -m … STATE_FOLDER`."""

import hashlib
import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from guanxi.config.devstack.places import (
    CHECKOUT,
    ROOT_HOME,
    Account,
    Places,
    StackError,
    make_folder_for,
    unprivileged_account,
)
from guanxi.config.devstack.ports import Ports
from guanxi.config.devstack.postgres import EmbeddedPostgres
from guanxi.config.devstack.processes import Child, Farewell, Guardian, Program, stop_children
from guanxi.config.devstack.services import (
    REDIS_DATABASES_PER_SLOT,
    SLOTS,
    TestPlaces,
    locked,
    slot_is_free,
    try_lock,
)
from guanxi.config.devstack.valkey import EmbeddedValkey

LOOK_EVERY = 1.0
LINGER_SECONDS = 3.0
MEMORY_FOLDER = Path("/dev/shm")
MEMORY_WANTED = 3 << 30


class Keeper:
    """Starts both servers, waits until nobody wants them, stops them and removes their files."""

    def __init__(self, test: TestPlaces) -> None:
        self.test = test
        self.guardian = Guardian()
        self.farewell = Farewell()
        self.children: list[Child] = []
        self.home = test.folder
        self.postgres: EmbeddedPostgres | None = None

    def run(self) -> int:
        lock = try_lock(self.test.keeper_lock)
        if lock is None:
            return 0
        try:
            self._start()
            self._wait_for_the_last()
            return 0
        finally:
            self._stop()
            lock.close()

    def _start(self) -> None:
        account = unprivileged_account()
        for home in homes_of_tests(self.test.places, account):
            EmbeddedPostgres(home / "postgres", 0, "", account).clear()  # of a keeper that was killed
        self.home = make_home(self.test.places, account)
        ports = Ports(self.test.folder / "ports.json")
        password = self.test.places.secret("test_services")
        postgres = EmbeddedPostgres(
            self.home / "postgres", ports.take("postgresql"), password, account=account, durable=False
        )
        self.postgres = postgres
        valkey = EmbeddedValkey(
            self.test.folder / "valkey",
            ports.take("valkey"),
            password,
            durable=False,
            databases=SLOTS * REDIS_DATABASES_PER_SLOT,
        )
        postgres.prepare()
        valkey.prepare()
        for program in (postgres.program(), valkey.program()):
            self._launch(program)
        self._wait_until_ready()
        content = {"database": postgres.url("").rstrip("/"), "redis": valkey.url().rpartition("/")[0]}
        unfinished = self.test.services.with_suffix(".unfinished")
        unfinished.write_text(json.dumps({**content, "keeper": str(os.getpid())}))
        unfinished.chmod(0o600)
        unfinished.replace(self.test.services)

    def _launch(self, program: Program) -> None:
        child = Child(program, log_folder=self.test.folder)
        child.start(self.guardian)
        self.children.append(child)

    def _wait_until_ready(self) -> None:
        for child in self.children:
            deadline = time.monotonic() + child.program.start_seconds
            while not child.is_ready():
                if not child.running or time.monotonic() > deadline:
                    raise StackError("\n".join([f"{child.program.name} did not start:", *child.last_lines()]))
                time.sleep(0.02)

    def _wait_for_the_last(self) -> None:
        idle_since = time.monotonic()
        while not self.farewell.asked and all(child.running for child in self.children):
            self.farewell.sleep(LOOK_EVERY)
            if not self._all_free():
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since >= LINGER_SECONDS:
                with locked(self.test.gate):  # nobody can take a slot now
                    if self._all_free():
                        self._stop()
                        return

    def _all_free(self) -> bool:
        return all(slot_is_free(self.test, number) for number in range(SLOTS))

    def _stop(self) -> None:
        self.test.services.unlink(missing_ok=True)
        stop_children(self.children, self.guardian)
        self.children.clear()
        if self.postgres is not None:
            self.postgres.clear()
            with suppress(OSError):
                self.home.rmdir()


def homes_of_tests(places: Places, account: Account | None) -> tuple[Path, Path]:
    """The folder in memory and the one on disk."""
    key = hashlib.sha256(str(places.state).encode()).hexdigest()[:12]
    on_disk = places.state / "test" / "database" if account is None else ROOT_HOME / f"test-{key}"
    return MEMORY_FOLDER / f"guanxi-test-{os.geteuid()}-{key}", on_disk


def make_home(places: Places, account: Account | None) -> Path:
    """In memory where there is plenty of it, else on disk."""
    in_memory, on_disk = homes_of_tests(places, account)
    home = in_memory if _free_memory() >= MEMORY_WANTED and os.access(MEMORY_FOLDER, os.W_OK) else on_disk
    make_folder_for(home, account)
    return home


def _free_memory() -> int:
    """What may be put into the memory folder without driving the machine short."""
    try:
        status = os.statvfs(MEMORY_FOLDER)
        meminfo = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    except (OSError, ValueError):
        return 0
    available = int(meminfo["MemAvailable"].split()[0]) * 1024
    return min(status.f_bavail * status.f_frsize, available // 2)


def main(state: str) -> int:
    test = TestPlaces(Places(checkout=CHECKOUT, state=Path(state)))
    test.folder.mkdir(parents=True, exist_ok=True)
    try:
        return Keeper(test).run()
    except StackError as error:
        print(error.what, error.remedy, sep="\n", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
