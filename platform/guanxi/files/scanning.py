"""The place where a virus scanner is plugged in; without one, files say that they were not scanned."""

import socket
import struct
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

CHUNK = 64 * 1024
NOT_SCANNED, CLEAN, INFECTED = "not_scanned", "clean", "infected"


class ScannerError(RuntimeError):
    """The scanner could not be asked."""


class Scanner(Protocol):
    """Looks at a file's content."""

    def scan(self, content: bytes) -> str:
        """Return the name of what was found, an empty text when nothing was; raise ScannerError when it cannot tell."""


@dataclass(frozen=True, slots=True)
class ClamdScanner:
    """clamd over TCP, by its INSTREAM command."""

    host: str
    port: int
    timeout: float = 15

    def scan(self, content: bytes) -> str:
        """Send the content to clamd."""
        try:
            with socket.create_connection((self.host, self.port), timeout=self.timeout) as connection:
                connection.sendall(b"zINSTREAM\0")
                for start in range(0, len(content), CHUNK):
                    chunk = content[start : start + CHUNK]
                    connection.sendall(struct.pack("!I", len(chunk)) + chunk)
                connection.sendall(struct.pack("!I", 0))
                answer = connection.makefile("rb").read(4096).rstrip(b"\0\n").decode(errors="replace")
        except OSError as fault:
            raise ScannerError(f"clamd is away: {fault}") from fault
        verdict = answer.removeprefix("stream: ")
        if verdict == "OK":
            return ""
        if verdict.endswith(" FOUND"):
            return verdict.removesuffix(" FOUND")
        raise ScannerError(f"clamd answered: {answer[:200]}")


_scanner: Scanner | None = None


def register_scanner(scanner: Scanner | None) -> None:
    """Let every file pass this scanner; None goes back to the one of the setting `GUANXI_CLAMD` (host:port), if any."""
    global _scanner
    _scanner = scanner


def scanner() -> Scanner | None:
    """Return the scanner in use."""
    if _scanner is not None:
        return _scanner
    host, _, port = getattr(settings, "GUANXI_CLAMD", "").rpartition(":")
    return ClamdScanner(host, int(port)) if host else None
