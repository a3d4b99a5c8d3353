"""One whole stack: its servers, its environment, its programs, from the first start to the last goodbye."""

import base64
import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

from guanxi.config.devstack.places import Places, StackError, unprivileged_account
from guanxi.config.devstack.ports import Ports
from guanxi.config.devstack.postgres import EmbeddedPostgres, create_database, installed_programs
from guanxi.config.devstack.prepare import ANNOUNCEMENT
from guanxi.config.devstack.processes import Program
from guanxi.config.devstack.progress import Progress
from guanxi.config.devstack.services import try_lock
from guanxi.config.devstack.supervisor import Interrupted, Supervisor
from guanxi.config.devstack.valkey import EmbeddedValkey


@dataclass(frozen=True)
class Plan:
    """What runs on top of the servers, and what its programs are told by their environment."""

    environment: Mapping[str, str]
    prepare: Program | None = None
    programs: tuple[Program, ...] = ()
    fill: Program | None = None


@dataclass(frozen=True)
class Running:
    """A stack that runs in this state folder."""

    pid: int
    base_url: str


class Stack:
    """Starts, watches and stops. `run` gives the exit code of the command."""

    def __init__(self, places: Places, planner: Callable[[Places, Ports], Plan], *, tied: bool = False) -> None:
        self.places = places
        self.planner = planner
        self.tied = tied
        self.progress = Progress()
        self.ports = Ports(places.run / "ports.json")
        self.urls: dict[str, str] = {}

    def run(
        self,
        *,
        greet: Callable[[Plan], None] = lambda _plan: None,
        watch: Callable[[Supervisor], None] = Supervisor.watch,
    ) -> int:
        """Everything from start to end. `greet` is called when all runs, `watch` returns when it is time to stop."""
        self.places.prepare()
        lock = try_lock(self.places.run / "stack.lock")
        if lock is None:
            return self._tell_of_the_running_one()
        parent = os.getppid() if self.tied else None
        supervisor = Supervisor(log_folder=self.places.log, progress=self.progress, parent=parent)
        try:
            self._start(supervisor, greet)
            watch(supervisor)
        except Interrupted:
            pass
        except StackError as error:
            self.progress.fail(error.what, lines=error.lines, remedy=error.remedy)
            return 1
        except OSError as error:
            self.progress.fail(
                f"The system refused: {error}", remedy="See that the disk has room and the folder may be written."
            )
            return 1
        finally:
            self._stop(supervisor, lock)
        return 0

    def _start(self, supervisor: Supervisor, greet: Callable[[Plan], None]) -> None:
        began = time.monotonic()
        self.progress.say(f"Guanxi starts; its files are in {self.places.state}")
        self._start_servers(supervisor)
        plan = self.planner(self.places, self.ports)
        supervisor.environment = {**self._environment(), **plan.environment}
        self._note_running(supervisor.environment)
        if plan.prepare is not None:
            self._prepare(supervisor, plan.prepare)
        supervisor.start(plan.programs)
        if plan.fill is not None:
            self.progress.begin(plan.fill.title)
            supervisor.run_to_end(plan.fill)
            self.progress.done(plan.fill.title)
        self.progress.done("All together", since=began)
        greet(plan)

    def _start_servers(self, supervisor: Supervisor) -> None:
        servers: list[Program] = []
        self.urls = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
        if "DATABASE_URL" not in self.urls:
            postgres = EmbeddedPostgres(
                self.places.database_home(),
                self.ports.take("postgresql"),
                self.places.secret("postgresql"),
                account=unprivileged_account(),
            )
            postgres.prepare()
            servers.append(postgres.program())
            self.urls["DATABASE_URL"] = postgres.url()
        if "REDIS_URL" not in self.urls:
            valkey = EmbeddedValkey(
                self.places.state / "valkey", self.ports.take("valkey"), self.places.secret("valkey")
            )
            valkey.prepare()
            servers.append(valkey.program())
            self.urls["REDIS_URL"] = valkey.url()
        for server in servers:
            self._start_server(supervisor, server)
        if any(server.name == "postgresql" for server in servers):
            create_database(self.urls["DATABASE_URL"])

    def _start_server(self, supervisor: Supervisor, server: Program) -> None:
        try:
            supervisor.start([server])
        except StackError:
            aside = EmbeddedValkey(self.places.state / "valkey", 0, "").set_aside() if server.name == "valkey" else None
            if aside is None:
                raise
            # Nothing is lost by that: the work waits in the database.
            self.progress.say(f"  Valkey could not read its files; they were moved to {aside}.")
            supervisor.children.pop().end(supervisor.guardian)
            supervisor.start([server])

    def _prepare(self, supervisor: Supervisor, program: Program) -> None:
        open_step: list[str] = []
        self.progress.begin(program.title)

        def follow(line: str) -> None:
            if line.startswith(ANNOUNCEMENT):
                self.progress.done(open_step.pop() if open_step else "Loading the programs", "done")
                open_step.append(line.removeprefix(ANNOUNCEMENT))
                self.progress.begin(open_step[0])

        supervisor.run_to_end(program, on_line=follow)
        self.progress.done(open_step.pop() if open_step else program.title, "done")

    def _environment(self) -> dict[str, str]:
        key = base64.b64encode(sha256(self.places.secret("sealing").encode()).digest()).decode()
        environment = {
            **self.urls,
            "GUANXI_STATE_DIR": str(self.places.state),
            "GUANXI_SECRET_KEYS": os.environ.get("GUANXI_SECRET_KEYS") or f"demo:{key}",
            "DJANGO_SECRET_KEY": os.environ.get("DJANGO_SECRET_KEY") or self.places.secret("django"),
            "PYTHONUNBUFFERED": "1",
        }
        with suppress(StackError):  # with a database of one's own, the system's pg_dump has to do
            environment["GUANXI_PG_DUMP"] = os.environ.get("GUANXI_PG_DUMP") or str(installed_programs() / "pg_dump")
        return environment

    def _note_running(self, environment: Mapping[str, str]) -> None:
        """For a second start, for `guanxi manage` and for people's own scripts."""
        write_private(
            self.places.run / "stack.json",
            json.dumps(
                {
                    "pid": os.getpid(),
                    "base_url": environment.get("GUANXI_BASE_URL", ""),
                    "environment": dict(environment),
                }
            ),
        )

    def _tell_of_the_running_one(self) -> int:
        running = running_stack(self.places)
        if running is None:
            self.progress.say("Guanxi is starting or stopping in this folder already; wait a moment and try again.")
            return 1
        address = running.base_url or "its database and Redis only (guanxi up)"
        self.progress.say(f"Guanxi runs already: {address}")
        if self.places.demo_json.exists():
            self.progress.say(f"  Addresses and logins: {self.places.demo_json}")
        self.progress.say(f"  It is process {running.pid}; stop it with Ctrl-C where it runs, or: kill {running.pid}")
        return 0

    def _stop(self, supervisor: Supervisor, lock: IO[str]) -> None:
        (self.places.run / "stack.json").unlink(missing_ok=True)
        if supervisor.children:
            self.progress.say()
            self.progress.begin("Stopping")
        supervisor.stop()
        self.progress.done("Stopped", "in")
        self.ports.release()
        lock.close()


def running_stack(places: Places) -> Running | None:
    """The stack that holds this state folder, once it has its addresses."""
    content = _read_note(places)
    return None if content is None else Running(pid=int(str(content["pid"])), base_url=str(content["base_url"]))


def running_environment(places: Places) -> dict[str, str]:
    """The environment of the running stack's programs, empty when none runs."""
    content = _read_note(places)
    environment = content["environment"] if content else {}
    return {str(name): str(value) for name, value in environment.items()} if isinstance(environment, dict) else {}


def _read_note(places: Places) -> dict[str, object] | None:
    lock_path = places.run / "stack.lock"
    if not lock_path.exists():
        return None
    lock = try_lock(lock_path)
    if lock is not None:
        lock.close()  # its note, if any, is of a stack that was killed
        return None
    try:
        content = json.loads((places.run / "stack.json").read_text())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def write_private(path: Path, text: str) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    unfinished.replace(path)
