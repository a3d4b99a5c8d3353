"""How a process without a port shows that it is alive: it touches a file, and the probe looks at the file's age.

The probe is `python -m guanxi.common.heartbeat worker`; it loads nothing but this module, so that asking costs next to
nothing.
"""

import os
import sys
import time
from pathlib import Path

FOLDER_VARIABLE = "GUANXI_HEARTBEAT_DIR"
MAX_AGE = 90.0


def pulse(role: str) -> None:
    """Show that this role's process is at work; without a folder for it, nothing is kept."""
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder:
        _file(folder, role).touch()


def age(role: str) -> float | None:
    """Return how many seconds ago the role's process last showed itself, None when it never has."""
    folder = os.environ.get(FOLDER_VARIABLE, "")
    try:
        # Both ends are the machine's own clock: this is about a process, not about the business.
        return time.time() - _file(folder, role).stat().st_mtime
    except FileNotFoundError:
        return None


def _file(folder: str, role: str) -> Path:
    return Path(folder) / f"guanxi-{role}.alive"


def main(arguments: list[str]) -> int:
    """Exit with 0 when the role's process is alive, else with 1 and the reason."""
    (role,) = arguments
    seconds = age(role)
    if seconds is not None and seconds <= MAX_AGE:
        return 0
    sys.stderr.write(f"{role}: {'no sign of life' if seconds is None else f'last sign of life {seconds:.0f} s ago'}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
