"""`guanxi manage …`: Django's management commands."""

import argparse
import os
import sys

from guanxi.config.devstack.places import default_places
from guanxi.config.devstack.stack import running_environment
from guanxi.config.environment import settings_module


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything is passed on to Django."""


def run(args: argparse.Namespace) -> int:
    """Hand the arguments to Django, which ends the process itself when a command fails."""
    _join_the_running_stack()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())
    from django.core.management import execute_from_command_line

    execute_from_command_line(["guanxi manage", *args.rest])
    return 0


def _join_the_running_stack() -> None:
    """Without a database of one's own, a command typed beside a running demo works on the demo."""
    if os.environ.get("DATABASE_URL") or os.environ.get("GUANXI_ENV"):
        return
    environment = running_environment(default_places())
    if environment:
        print("(on the stack that runs here)", file=sys.stderr)
        os.environ.update(environment)
