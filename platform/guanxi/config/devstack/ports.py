"""Free ports that stay the same from one start to the next."""

import errno
import json
import random
import socket
from collections.abc import Iterator
from pathlib import Path

from guanxi.config.devstack.places import StackError

# Above 32767 the kernel hands ports out by itself, so that one chosen there may be gone before it is used.
RANDOM_PORTS = range(20000, 32000)
NEIGHBOURS = 40


def is_free(port: int) -> bool:
    """Nobody listens there, on IPv4 or on IPv6 (a browser may take either for `localhost`)."""
    return _can_bind(socket.AF_INET, "127.0.0.1", port) and _can_bind(socket.AF_INET6, "::1", port)


def _can_bind(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        probe = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return True  # the machine does not speak this family, so nobody listens on it
    with probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            # EADDRNOTAVAIL: no such address on this machine.
            return family == socket.AF_INET6 and not isinstance(error, PermissionError) and error.errno in (97, 99, 49)
    return True


def _reserve(port: int) -> socket.socket | None:
    """Keep a port for this process until its program listens, so that two stacks that start together never share one.

    A name in Linux's abstract name space has one holder, ends with its process, and leaves no file; where there is no
    such name space nothing is reserved.
    """
    holder = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        holder.bind(f"\0guanxi-port-{port}")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            holder.close()
            return None
    return holder


class Ports:
    """The ports of one stack, kept in a file beside its other state, and reserved as long as this object lives."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, int] = _read(path)
        self.given: dict[int, socket.socket] = {}

    def take(self, name: str, preferred: int | None = None, *, wished: int | None = None) -> int:
        """The wished port, else the one that this name had last time, else the preferred one or a free one near by."""
        for port in self._candidates(name, preferred, wished):
            if port not in self.given and is_free(port) and (reserved := _reserve(port)):
                self.given[port] = reserved
                if self.known.get(name) != port:
                    self.known[name] = port
                    self.path.parent.mkdir(parents=True, exist_ok=True)
                    self.path.write_text(json.dumps(self.known, indent=1, sort_keys=True))
                return port
        raise StackError(f"No free port was found for {name}.", remedy="Stop programs that hold ports, and try again.")

    def release(self) -> None:
        """Let others have the ports."""
        for holder in self.given.values():
            holder.close()
        self.given.clear()

    def _candidates(self, name: str, preferred: int | None, wished: int | None) -> Iterator[int]:
        if wished is not None:
            yield wished
        if name in self.known:
            yield self.known[name]
        if preferred is not None:
            yield from range(preferred, preferred + NEIGHBOURS)
        yield from random.sample(RANDOM_PORTS, 200)


def _read(path: Path) -> dict[str, int]:
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): port for name, port in content.items() if isinstance(port, int)}
