"""Times something many times and prints it beside its baseline."""

import statistics
import time
from collections.abc import Callable
from typing import Any


def timed(work: Callable[[], Any], times: int, *, warm: int = 2) -> list[float]:
    """Return the milliseconds of each run, after some that do not count."""
    for _ in range(warm):
        work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def percentile(values: list[float], share: float) -> float:
    """Return the nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def show(name: str, values: list[float], baseline: list[float], against: str) -> None:
    """Print a line: median, 95th percentile, and the ratio of medians to the baseline's."""
    mine, base = statistics.median(values), statistics.median(baseline)
    print(
        f"{name:<44} median {mine:9.2f} ms  p95 {percentile(values, 0.95):9.2f} ms  "
        f"= {mine / base:7.1f} x {against} ({base:.2f} ms), n={len(values)}",
        flush=True,
    )
