"""A circuit breaker: a model that fails is left alone for a while, so that customers do not wait for it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Line:
    failures: int = 0
    open_until: float = 0.0
    probing: bool = False


class CircuitBreaker:
    """Per key: closed, open after some failures in a row, and after a pause one call that tries again."""

    def __init__(self, *, clock: Callable[[], float], failures: int = 3, pause_seconds: float = 30.0) -> None:
        self._clock = clock
        self._failures = failures
        self._pause = pause_seconds
        self._lines: dict[str, _Line] = {}
        self._lock = threading.Lock()

    def allows(self, key: str) -> bool:
        """Whether a call may go out now; the caller then tells how it went."""
        with self._lock:
            line = self._lines.get(key)
            if line is None or line.failures < self._failures:
                return True
            if self._clock() < line.open_until or line.probing:
                return False
            line.probing = True
            return True

    def peek(self, key: str) -> bool:
        """Whether a call might go out now, without taking the trial call."""
        with self._lock:
            line = self._lines.get(key)
            return (
                line is None
                or line.failures < self._failures
                or (self._clock() >= line.open_until and not line.probing)
            )

    def succeeded(self, key: str) -> None:
        """The call went well: everything is forgotten."""
        with self._lock:
            self._lines.pop(key, None)

    def failed(self, key: str) -> None:
        """The call failed."""
        with self._lock:
            line = self._lines.setdefault(key, _Line())
            line.failures += 1
            line.probing = False
            if line.failures >= self._failures:
                line.open_until = self._clock() + self._pause
