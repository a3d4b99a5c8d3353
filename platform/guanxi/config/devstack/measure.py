"""The memory of a stack: PSS, in which what processes share is counted once."""

import os
from pathlib import Path

from guanxi.config.devstack.progress import table

PROC = Path("/proc")


def measure(pid: int | None = None) -> list[str]:
    """A table of the processes below `pid`, with their memory, the biggest first."""
    found = sorted(((pss(process), _title(process)) for process in family(pid or os.getpid())), reverse=True)
    rows = [(f"{kilobytes / 1024:7.1f} MB", title) for kilobytes, title in found]
    return table([*rows, (f"{sum(kilobytes for kilobytes, _ in found) / 1024:7.1f} MB", "all processes (PSS)")])


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    children: dict[int, list[int]] = {}
    for folder in PROC.glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        children.setdefault(parent, []).append(int(folder.name))
    found = [pid]
    for process in found:
        found += children.get(process, [])
    return found


def pss(pid: int) -> int:
    """Kilobytes; 0 for a process that is gone or of somebody else."""
    try:
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def _title(pid: int) -> str:
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").split()
    except OSError:
        return "?"
    return " ".join(word.rpartition("/")[2] if word.startswith("/") else word for word in words)[:90]
