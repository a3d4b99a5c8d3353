"""Faults that a test orders: the next calls fail in a chosen way, or the next events come twice or upside down."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong. The first three are of calls, the others of deliveries."""

    ERROR_500 = "error_500"
    DROP = "drop"
    COMMIT_THEN_DROP = "commit_then_drop"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    HOLD = "hold"


@dataclass
class Fault:
    """`path` is the beginning of a path, or empty for all; `times` counts down to nought."""

    kind: FaultKind
    path: str = ""
    times: int = 1


class Faults:
    """What is ordered."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def order(self, fault: Fault) -> None:
        self._ordered.append(fault)

    def clear(self) -> None:
        self._ordered.clear()

    def take(self, path: str) -> FaultKind | None:
        """Return the fault of a call."""
        calls = (FaultKind.ERROR_500, FaultKind.DROP, FaultKind.COMMIT_THEN_DROP)
        return self._take(lambda fault: fault.kind in calls and path.startswith(fault.path))

    def delivery(self, kind: FaultKind) -> bool:
        """Return whether the next delivery suffers so."""
        return self._take(lambda fault: fault.kind is kind) is not None

    def _take(self, fits: object) -> FaultKind | None:
        assert callable(fits)
        for fault in self._ordered:
            if fault.times > 0 and fits(fault):
                fault.times -= 1
                return fault.kind
        return None
