"""What the developer sees on the terminal: one line a step with its seconds, and a table at the end."""

import sys
import time
import unicodedata
from collections.abc import Iterable, Sequence

TITLE_WIDTH = 30
REMIND_EVERY = 15.0


class Progress:
    """Writes lines; on a terminal the running step is rewritten in place."""

    def __init__(self) -> None:
        self.on_terminal = sys.stdout.isatty()
        self._open = ""
        self._since = time.monotonic()
        self._reminded = 0.0

    def begin(self, title: str) -> None:
        self._open, self._since, self._reminded = title, time.monotonic(), time.monotonic()
        if self.on_terminal:
            self._write(f"  {pad(title, TITLE_WIDTH)} …")

    def tick(self) -> None:
        """Call it now and then, so that a long step is seen to be alive."""
        now = time.monotonic()
        if not self._open or now - self._reminded < (1.0 if self.on_terminal else REMIND_EVERY):
            return
        self._reminded = now
        if self.on_terminal:
            self._write(f"\r  {pad(self._open, TITLE_WIDTH)} … {now - self._since:.0f} s")
        else:
            self._write(f"  {pad(self._open, TITLE_WIDTH)} … {now - self._since:.0f} s so far\n")

    def done(self, title: str, word: str = "ready", since: float | None = None) -> None:
        seconds = time.monotonic() - (self._since if since is None else since)
        self._clear()
        self._write(f"  {pad(title, TITLE_WIDTH)} {word} {seconds:.1f} s\n")

    def say(self, text: str = "") -> None:
        self._clear()
        self._write(text + "\n")

    def fail(self, what: str, *, lines: Sequence[str] = (), remedy: str = "") -> None:
        """What failed, what it said last, and what to do."""
        self._clear()
        self._write(f"\n✗ {what}\n")
        for line in lines:
            self._write(f"    | {line}\n")
        if remedy:
            self._write(f"  {remedy}\n")

    def _clear(self) -> None:
        if self._open and self.on_terminal:
            self._write("\r\x1b[2K")
        self._open = ""

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except UnicodeEncodeError:
            sys.stdout.write(text.encode("ascii", "replace").decode())
        except OSError:
            pass  # the terminal or the pipe is gone; the stack has to be stopped properly all the same


def width(text: str) -> int:
    """Columns on a terminal; a Chinese letter takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def pad(text: str, columns: int) -> str:
    return text + " " * max(0, columns - width(text))


def table(rows: Iterable[Sequence[str]], *, indent: str = "  ") -> list[str]:
    """Rows as aligned lines."""
    content = [tuple(row) for row in rows]
    columns = [max(width(row[i]) for row in content if i < len(row)) for i in range(max(map(len, content), default=0))]
    return [indent + "  ".join(pad(cell, columns[i]) for i, cell in enumerate(row)).rstrip() for row in content]
