"""Starts programs, waits until they are ready, starts crashed ones again and ends them all."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from guanxi.config.devstack.places import StackError
from guanxi.config.devstack.processes import Child, Farewell, Guardian, Program, stop_children
from guanxi.config.devstack.progress import Progress

LOOK_EVERY = 0.05
WATCH_EVERY = 0.5
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
# A program that ran this long is sound: its next crash is treated as its first.
SOUND_AFTER = 60.0


class Interrupted(Exception):
    """Somebody asked for the end while things were still starting."""


class Supervisor:
    """Owns the children of one stack. It has a single thread, which makes it safe to fork."""

    def __init__(self, *, log_folder: Path, progress: Progress, parent: int | None = None) -> None:
        self.log_folder = log_folder
        self.progress = progress
        self.environment: Mapping[str, str] = {}
        self.guardian = Guardian()
        self.farewell = Farewell(parent=parent)
        self.children: list[Child] = []
        self._crashes: dict[str, int] = {}
        self._restart_at: dict[str, float] = {}

    def start(self, programs: Sequence[Program]) -> None:
        """Starts them side by side, and returns when every one of them is ready."""
        waiting = [self._launch(program) for program in programs]
        while waiting:
            self.progress.begin(waiting[0].program.title)
            for child in [child for child in waiting if self._became_ready(child)]:
                waiting.remove(child)
                self.progress.done(child.program.title, since=child.started)
            self._pause()

    def run_to_end(self, program: Program, *, on_line: Callable[[str], None] = lambda _line: None) -> None:
        """Runs a program that is meant to end, and passes on each line as it is written."""
        child = self._launch(program)
        position = child.log_offset
        while True:
            running = child.running
            position, lines = new_lines(child.log, position)
            for line in lines:
                on_line(line)
            if not running:
                break
            if time.monotonic() - child.started > program.start_seconds:
                raise failure(child, f"{program.title} did not end within {program.start_seconds:.0f} s")
            self._pause()
        if child.exit_code != 0:
            raise failure(child, f"{program.title} failed (exit code {child.exit_code})")
        child.end(self.guardian)
        self.children.remove(child)

    def watch(self, *, each_look: Callable[[], None] = lambda: None) -> None:
        """Keeps the children running until somebody asks for the end."""
        while not self.farewell.asked:
            for child in self.children:
                self._look_after(child)
            each_look()
            self.farewell.sleep(WATCH_EVERY)

    def restart(self, child: Child) -> None:
        stop_children([child], self.guardian, hurry=lambda: self.farewell.urgent)
        child.start(self.guardian, self.environment)

    def stop(self) -> None:
        """The programs first, all at once, then the servers that they use, the newest first."""
        servers = [child for child in self.children if child.program.is_server]
        programs = [child for child in self.children if not child.program.is_server]
        for group in (programs, *([server] for server in reversed(servers))):
            stop_children(group, self.guardian, hurry=lambda: self.farewell.urgent)
        self.children.clear()
        self.guardian.dismiss()

    def _launch(self, program: Program) -> Child:
        child = Child(program, log_folder=self.log_folder)
        self.children.append(child)
        child.start(self.guardian, self.environment)
        return child

    def _became_ready(self, child: Child) -> bool:
        if child.is_ready():
            return True
        if not child.running:
            raise failure(child, f"{child.program.title} ended while it was starting (exit code {child.exit_code})")
        if time.monotonic() - child.started > child.program.start_seconds:
            raise failure(child, f"{child.program.title} was not ready after {child.program.start_seconds:.0f} s")
        return False

    def _pause(self) -> None:
        self.progress.tick()
        self.farewell.sleep(LOOK_EVERY)
        if self.farewell.asked:
            raise Interrupted

    def _look_after(self, child: Child) -> None:
        name = child.program.name
        now = time.monotonic()
        if name in self._restart_at:
            if now >= self._restart_at[name]:
                del self._restart_at[name]
                child.start(self.guardian, self.environment)
                self.progress.say(f"  {child.program.title} was started again.")
            return
        if child.running:
            return
        code = child.exit_code
        if now - child.started > SOUND_AFTER:
            self._crashes.pop(name, None)
        crashes = self._crashes[name] = self._crashes.get(name, 0) + 1
        pause = min(FIRST_PAUSE * 2 ** (crashes - 1), LONGEST_PAUSE)
        self.progress.say(f"\n✗ {child.program.title} ended (exit code {code}); it starts again in {pause:.0f} s.")
        for line in child.last_lines(5):
            self.progress.say(f"    | {line}")
        self.progress.say(f"    {child.log}")
        child.end(self.guardian)
        self._restart_at[name] = now + pause


def failure(child: Child, what: str) -> StackError:
    return StackError(f"{what}.", lines=child.last_lines(), remedy=f"The whole log: {child.log}")


def new_lines(log: Path, position: int) -> tuple[int, list[str]]:
    """The complete lines after `position`, and where they end."""
    with log.open("rb") as file:
        file.seek(position)
        content = file.read()
    complete = content[: content.rfind(b"\n") + 1]
    return position + len(complete), complete.decode(errors="replace").splitlines()
