"""The fake's own clock: real time plus what a test has advanced it by."""

from __future__ import annotations

import time


class VirtualClock:
    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def now(self) -> float:
        return time.time() + self.offset

    def seconds(self) -> int:
        return int(self.now())

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("Tencent's clock does not run backwards")
        self.offset += seconds
