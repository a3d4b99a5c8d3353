"""`guanxi up`: the database and Redis alone."""

import argparse

from guanxi.config.devstack.measure import measure
from guanxi.config.devstack.places import Places, default_places
from guanxi.config.devstack.ports import Ports
from guanxi.config.devstack.stack import Plan, Stack, running_stack


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--measure", action="store_true", help="print the memory of the stack that runs here, and end")
    parser.add_argument("--tied", action="store_true", help="end when the program that started this one ends")


def run(args: argparse.Namespace) -> int:
    places = default_places()
    if args.measure:
        running = running_stack(places)
        print("\n".join(measure(running.pid)) if running else "Nothing runs here.")
        return 0 if running else 1
    stack = Stack(places, _nothing_on_top, tied=args.tied)

    def greet(_plan: Plan) -> None:
        stack.progress.say("\nThe database and Redis run. Ctrl-C stops them.\n")
        for name, url in stack.urls.items():
            stack.progress.say(f"export {name}={url}")

    return stack.run(greet=greet)


def _nothing_on_top(_places: Places, _ports: Ports) -> Plan:
    return Plan(environment={})
