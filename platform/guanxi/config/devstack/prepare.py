"""Runs the management commands of `steps.PREPARE` in one process, announcing each: `python -m …`."""

import os
import sys
from importlib.metadata import version

from guanxi.config.devstack.steps import PREPARE
from guanxi.config.environment import settings_module

ANNOUNCEMENT = "::step "


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())
    import django
    from django.core.management import call_command, get_commands

    django.setup()
    known = get_commands()
    print(f"Django {version('django')}", flush=True)
    for step in PREPARE:
        if step.arguments[0] not in known:
            print(f"There is no management command {step.arguments[0]!r}.", file=sys.stderr)
            return 1
        print(f"{ANNOUNCEMENT}{step.title}", flush=True)
        call_command(*step.arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
