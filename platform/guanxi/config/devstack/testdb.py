"""`guanxi testdb`: the servers for tests, for a person's own use."""

import argparse
import sys

from guanxi.config.devstack.places import StackError, default_places
from guanxi.config.devstack.services import release_pins, take_slot


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stop", action="store_true", help="give the servers back; they end when no test needs them")


def run(args: argparse.Namespace) -> int:
    places = default_places()
    if args.stop:
        print(f"{release_pins(places)} test database(s) given back.")
        return 0
    try:
        database_url, redis_url = take_slot(places, pin=True)
    except StackError as error:
        print(error.what, error.remedy, sep="\n", file=sys.stderr)
        return 1
    print(f"export DATABASE_URL={database_url}")
    print(f"export REDIS_URL={redis_url}")
    return 0
