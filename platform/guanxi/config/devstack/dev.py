"""`guanxi dev`: the stack for writing code: logs on the terminal, programs started again when their code changes."""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

from guanxi.config.devstack import steps
from guanxi.config.devstack.demo import overview, plan
from guanxi.config.devstack.places import Places, default_places
from guanxi.config.devstack.ports import Ports
from guanxi.config.devstack.processes import Child
from guanxi.config.devstack.progress import Progress, pad
from guanxi.config.devstack.stack import Plan, Stack
from guanxi.config.devstack.supervisor import Supervisor, new_lines

WATCHED = ("platform", "tenants", "crm", "bots", "billing")
LOOK_EVERY = 1.0
# Editors write in several steps; wait until they are done.
SETTLED_AFTER = 0.4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fill", action="store_true", help="fill in the demo's data, too")
    parser.add_argument("--tied", action="store_true", help="end when the program that started this one ends")
    parser.add_argument("--port", type=int, help="the web server's port, if it is free")


def run(args: argparse.Namespace) -> int:
    places = default_places()

    def planner(_places: Places, ports: Ports) -> Plan:
        return plan(places, ports, port=args.port, fill=args.fill, name="dev")

    stack = Stack(places, planner, tied=args.tied)

    def greet(current: Plan) -> None:
        for line in overview(places, current.environment):
            stack.progress.say(line)

    def watch(supervisor: Supervisor) -> None:
        watcher = Watcher(places.checkout, supervisor, stack.progress)
        supervisor.watch(each_look=watcher.look)

    return stack.run(greet=greet, watch=watch)


class Watcher:
    """Shows what the programs write, and starts them again after a change of the code."""

    def __init__(self, checkout: Path, supervisor: Supervisor, progress: Progress) -> None:
        self.checkout = checkout
        self.supervisor = supervisor
        self.progress = progress
        self.code = newest_change(checkout)
        self.looked = time.monotonic()
        self.positions = {child.program.name: child.log.stat().st_size for child in supervisor.children}

    def look(self) -> None:
        for child in self.supervisor.children:
            self._show(child)
        if time.monotonic() - self.looked < LOOK_EVERY:
            return
        self.looked = time.monotonic()
        code = newest_change(self.checkout)
        if code != self.code and time.time() - code[0] > SETTLED_AFTER:
            self.code = code
            self._restart()

    def _show(self, child: Child) -> None:
        name = child.program.name
        position = self.positions.get(name, 0)
        if child.log.stat().st_size < position:
            position = 0  # the log was rotated
        self.positions[name], lines = new_lines(child.log, position)
        for line in lines:
            self.progress.say(f"{pad(name, 12)}| {line}")

    def _restart(self) -> None:
        """All that runs our code; servers and stand-ins stay, so that nothing is forgotten."""
        stand_ins = {fake.name for fake in steps.FAKES}
        affected = [
            child
            for child in self.supervisor.children
            if child.running and not child.program.is_server and child.program.name not in stand_ins
        ]
        self.progress.say(
            "The code has changed; " + ", ".join(child.program.name for child in affected) + " start again."
        )
        for child in affected:
            self.supervisor.restart(child)


def newest_change(checkout: Path) -> tuple[float, int]:
    """When a source file was last changed, and how many there are (which a removal changes)."""
    times = [path.stat().st_mtime for path in _sources(checkout)]
    return max(times, default=0.0), len(times)


def _sources(checkout: Path) -> Iterator[Path]:
    for folder in WATCHED:
        yield from (path for path in (checkout / folder).rglob("*.py") if path.exists())
