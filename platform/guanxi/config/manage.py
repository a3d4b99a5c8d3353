"""`guanxi manage …`: Django's management commands."""

import argparse
import os

from guanxi.config.environment import settings_module


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything is passed on to Django."""


def run(args: argparse.Namespace) -> int:
    """Hand the arguments to Django, which ends the process itself when a command fails."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())
    from django.core.management import execute_from_command_line

    execute_from_command_line(["guanxi manage", *args.rest])
    return 0
