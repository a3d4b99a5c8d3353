"""`guanxi clean`: removes the demo's data, logs and built pages; the installed tools stay."""

import argparse
import shutil
import sys
from pathlib import Path

from guanxi.config.devstack.keeper import homes_of_tests
from guanxi.config.devstack.places import Places, default_places, unprivileged_account
from guanxi.config.devstack.services import TestPlaces, try_lock


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(args: argparse.Namespace) -> int:
    places = default_places()
    for name, lock_path in (("the demo", places.run / "stack.lock"), ("a test run", TestPlaces(places).keeper_lock)):
        if lock_path.exists():
            lock = try_lock(lock_path)
            if lock is None:
                print(f"Stop {name} first: it uses {places.state}.", file=sys.stderr)
                return 1
            lock.close()
    doomed = [path for path in _doomed(places) if path.exists()]
    if not args.yes and not _agreed(doomed):
        return 1
    for path in doomed:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        print(f"removed {path}")
    return 0


def _doomed(places: Places) -> list[Path]:
    kept = {places.tools}
    state = [path for path in sorted(places.state.iterdir()) if path not in kept] if places.state.is_dir() else []
    databases = [places.database_home(), *homes_of_tests(places, unprivileged_account())]
    return [*dict.fromkeys([*state, *databases, *sorted(places.checkout.glob("frontend/apps/*/dist"))])]


def _agreed(doomed: list[Path]) -> bool:
    print("This removes:", *(f"  {path}" for path in doomed), sep="\n")
    try:
        return input("Go on? [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False
