"""The sample stack as `guanxi dev` runs it, with code in a folder of its own: `python -m … CODE_FOLDER`."""

import sys
from pathlib import Path

from guanxi.config.devstack.dev import Watcher
from guanxi.config.devstack.places import default_places
from guanxi.config.devstack.stack import Stack
from guanxi.config.devstack.supervisor import Supervisor
from tests.devstack.sample import planner

if __name__ == "__main__":
    stack = Stack(default_places(), planner("plain"))

    def watch(supervisor: Supervisor) -> None:
        watcher = Watcher(Path(sys.argv[1]), supervisor, stack.progress)
        stack.progress.say("watching")
        supervisor.watch(each_look=watcher.look)

    sys.exit(stack.run(watch=watch))
