"""Faults that a test orders: the next calls of an endpoint fail in a chosen way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    ERRCODE = "errcode"
    HTTP = "http"
    GARBAGE = "garbage"
    HANG = "hang"
    COMMIT_THEN_HANG = "commit_then_hang"
    COMMIT_THEN_DROP = "commit_then_drop"
    DROP = "drop"


@dataclass
class Fault:
    """`endpoint` is a path under /cgi-bin, or `*`; `times` counts down to nought."""

    kind: FaultKind
    endpoint: str = "*"
    app_id: str = ""
    times: int = 1
    errcode: int = -1
    status: int = 500
    seconds: float = 30.0

    def fits(self, endpoint: str, app_id: str) -> bool:
        return self.times > 0 and self.endpoint in ("*", endpoint) and self.app_id in ("", app_id)


class Faults:
    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def order(self, fault: Fault) -> None:
        self._ordered.append(fault)

    def clear(self) -> None:
        self._ordered.clear()

    def take(self, endpoint: str, app_id: str) -> Fault | None:
        for fault in self._ordered:
            if fault.fits(endpoint, app_id):
                fault.times -= 1
                return fault
        return None
