"""The `guanxi` command. It imports a part only when that part's subcommand is called for."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast


@dataclass(frozen=True)
class Command:
    """A subcommand: its name, its line of help, the module with `add_arguments(parser)` and `run(args) -> int`."""

    name: str
    help: str
    module: str


class CommandModule(Protocol):
    """What the module of a command offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int: ...


# Parts add a line here; being named by path, they need not import anything from above.
COMMANDS = (
    Command(
        "demo", "start everything with a filled demo, and print addresses and logins", "guanxi.config.devstack.demo"
    ),
    Command("dev", "like demo, but without the demo's data, restarting on changes", "guanxi.config.devstack.dev"),
    Command("up", "start the database and Redis only", "guanxi.config.devstack.up"),
    Command("testdb", "start the test servers for your own use and print their URLs", "guanxi.config.devstack.testdb"),
    Command("browser", "fetch a Chromium for the browser tests", "guanxi.config.devstack.browser"),
    Command("frontend", "install and build the pages, as far as they have changed", "guanxi.config.devstack.frontend"),
    Command("clean", "remove the demo's data and what was built", "guanxi.config.devstack.clean"),
    Command("screens", "take pictures of every page", "tests.devstack.screens"),
    Command("evaluate", "measure retrieval and the assistant on the project's own sets", "bots.evaluation.cli"),
    Command("manage", "run one of Django's management commands", "guanxi.config.manage"),
)
PASSED_ON = {"manage"}  # takes its arguments as they are, options too


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    wanted = next((argument for argument in arguments if not argument.startswith("-")), None)
    if wanted in PASSED_ON and arguments[0] == wanted:
        return cast(CommandModule, import_module(_command(wanted).module)).run(argparse.Namespace(rest=arguments[1:]))
    parser = argparse.ArgumentParser(prog="guanxi", description="Guanxi, a multi-tenant, WeChat-first CRM.")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        subparser = subparsers.add_parser(command.name, help=command.help, description=command.help.capitalize() + ".")
        if command.name == wanted:
            module = _load(command)
            module.add_arguments(subparser)
            subparser.set_defaults(run=module.run)
    args = parser.parse_args(arguments)
    try:
        return int(args.run(args))
    except KeyboardInterrupt:
        return 130


def _command(name: str) -> Command:
    return next(command for command in COMMANDS if command.name == name)


def _load(command: Command) -> CommandModule:
    if find_spec(command.module) is None:
        raise SystemExit(f"guanxi {command.name}: this installation does not contain {command.module}.")
    return cast(CommandModule, import_module(command.module))


if __name__ == "__main__":
    sys.exit(main())
