"""Child processes on a tether: whatever happens to the parent, none of them outlives it."""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from guanxi.config.devstack.places import CHECKOUT, Account

PR_SET_PDEATHSIG = 1
LOG_KEPT = 4_000_000
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """What to start, and how one knows that it is there."""

    name: str
    title: str
    argv: tuple[str, ...]
    ready: "Callable[[Child], bool]"
    env: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    cwd: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    # Sent by the kernel when the parent is gone. What has no state in memory may simply be killed.
    orphan_signal: signal.Signals = signal.SIGKILL
    stop_seconds: float = 10.0
    start_seconds: float = 180.0
    # Others depend on it: it starts before them and ends after them.
    is_server: bool = False


def follow_parent(parent: int, death: signal.Signals) -> None:
    """Asks Linux to send this process a signal when its parent ends; elsewhere the guardian alone sees to that."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(death), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), death)


def tether(death: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn`: it runs after a change of account, which would undo the tie."""
    parent = os.getpid()
    return lambda: follow_parent(parent, death)


def spawn(program: Program, *, log: BinaryIO, extra_env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Starts a program in a process group of its own. Call it from a process with a single thread."""
    account = program.account
    return subprocess.Popen(
        program.argv,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env={**os.environ, **(extra_env or {}), **program.env},
        cwd=program.cwd or CHECKOUT,
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else [],
        process_group=0,
        preexec_fn=tether(program.orphan_signal),  # noqa: PLW1509 (the callers have a single thread)
    )


class Child:
    """One program that runs, or ran, and its log."""

    def __init__(self, program: Program, *, log_folder: Path) -> None:
        self.program = program
        self.log = log_folder / f"{program.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.log_offset = 0

    def start(self, guardian: "Guardian", extra_env: Mapping[str, str] | None = None) -> None:
        _rotate(self.log)
        with self.log.open("ab") as log:
            self.log_offset = log.tell()
            self.started = time.monotonic()
            self.process = spawn(self.program, log=log, extra_env=extra_env)
        guardian.watch(self.process.pid)

    @property
    def exit_code(self) -> int | None:
        return None if self.process is None else self.process.poll()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def last_lines(self, count: int = 12) -> list[str]:
        """The end of what it wrote since it was started."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(self.log_offset, self.log.stat().st_size - 20_000))
                return log.read().decode(errors="replace").rstrip().splitlines()[-count:]
        except OSError:
            return []

    def is_ready(self) -> bool:
        return self.program.ready(self)

    def said(self, words: str) -> bool:
        """Whether the words are in what it wrote since it was started."""
        try:
            with self.log.open("rb") as log:
                log.seek(self.log_offset)
                return words.encode() in log.read()
        except OSError:
            return False

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            signal_group(self.process.pid, self.program.stop_signal)

    def end(self, guardian: "Guardian") -> None:
        """Ends at once whatever is left of its process group."""
        if self.process is not None:
            signal_group(self.process.pid, signal.SIGKILL)
            self.process.wait()
            guardian.forget(self.process.pid)
            self.process = None


def stop_children(children: list[Child], guardian: "Guardian", *, hurry: Callable[[], bool] = lambda: False) -> None:
    """Asks all of them to end, waits as long as each may take, and then ends by force what is left."""
    for child in children:
        child.ask_to_stop()
    asked = time.monotonic()
    while not hurry():
        waited = time.monotonic() - asked
        if not any(child.running and waited < child.program.stop_seconds for child in children):
            break
        time.sleep(0.03)
    for child in children:
        child.end(guardian)


def signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_KEPT:
        log.replace(log.with_suffix(".log.1"))


class Guardian:
    """
    A small process that ends the process groups it was told of when its parent goes without a farewell.

    It notices by the end of a pipe that only the parent can write to, so that even `kill -9` does not get past it,
    and it reaches grandchildren, which a signal from the kernel to the children would not.
    """

    def __init__(self, *, patience: float = 5.0) -> None:
        reading, self._pipe = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._pipe)
            try:
                _guard(reading, patience)
            finally:
                os._exit(0)
        os.close(reading)

    def watch(self, group: int) -> None:
        os.write(self._pipe, f"+{group}\n".encode())

    def forget(self, group: int) -> None:
        os.write(self._pipe, f"-{group}\n".encode())

    def dismiss(self) -> None:
        """Everything was ended properly; nothing is left to guard."""
        os.close(self._pipe)
        os.waitpid(self.pid, 0)


def _guard(reading: int, patience: float) -> None:
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)  # a terminal or a pipe of the parent must not be kept open by us
    os.closerange(3, reading)
    os.closerange(reading + 1, 256)
    groups: dict[int, None] = {}
    with os.fdopen(reading) as orders:
        for order in orders:
            if order.startswith("+"):
                groups[int(order[1:])] = None
            else:
                groups.pop(int(order[1:]), None)
    end_groups(list(groups), patience)


def end_groups(groups: list[int], patience: float) -> None:
    """
    The later ones first, as they need the earlier ones; then by force.
    A server of ours takes SIGINT (PostgreSQL: end without waiting for clients) as well as any Python program does.
    """
    for group in reversed(groups):
        signal_group(group, signal.SIGINT)
    deadline = time.monotonic() + patience
    while groups and time.monotonic() < deadline:
        groups = [group for group in groups if _group_lives(group)]
        time.sleep(0.05)
    for group in groups:
        signal_group(group, signal.SIGKILL)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


class Farewell:
    """Turns the signals that ask for an end into a flag, and wakes a sleeping main loop."""

    def __init__(self, *, parent: int | None = None) -> None:
        self.times_asked = 0
        self._parent = parent
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup wishes us to stay
            signal.signal(signal.SIGHUP, self._note)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to be woken when a child ends

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.times_asked += 1

    @property
    def asked(self) -> bool:
        """A signal asked for the end, or the parent that the stack is tied to is gone."""
        return self.times_asked > 0 or (self._parent is not None and os.getppid() != self._parent)

    @property
    def urgent(self) -> bool:
        """Asked twice: somebody does not want to wait."""
        return self.times_asked > 1

    def sleep(self, seconds: float) -> None:
        """Sleeps until a signal comes, but no longer than told."""
        select.select([self._reading], [], [], seconds)
        try:
            while os.read(self._reading, 512):
                pass
        except BlockingIOError:
            pass
