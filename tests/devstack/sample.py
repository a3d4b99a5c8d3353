"""A stack of small programs, for what the tests of the supervisor want to see: `python -m … [broken|crashing]`."""

import sys
from pathlib import Path

from guanxi.config.devstack.places import Places, default_places
from guanxi.config.devstack.ports import Ports
from guanxi.config.devstack.probes import listens
from guanxi.config.devstack.processes import Program
from guanxi.config.devstack.stack import Plan, Stack

SERVE = (
    "import http.server as h,sys\n"
    "h.HTTPServer(('127.0.0.1',int(sys.argv[1])),h.BaseHTTPRequestHandler).serve_forever()\n"
)
# Its child ignores every polite signal, as a hanging program would.
STUBBORN = (
    "import signal,subprocess,sys,time\n"
    "for n in (signal.SIGINT,signal.SIGTERM,signal.SIGHUP): signal.signal(n,signal.SIG_IGN)\n"
    "subprocess.Popen([sys.executable,'-c','import time; time.sleep(600)'])\n"
    "print('up',flush=True); time.sleep(600)\n"
)
BROKEN = "import sys; print('the cause: no such table'); sys.exit(3)"
CRASHING = "import sys,time; print('up',flush=True); time.sleep(0.3); print('lost my way'); sys.exit(4)"


def planner(kind: str) -> "Planner":
    return Planner(kind)


class Planner:
    """Makes the plan of one kind of stack."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, _places: Places, ports: Ports) -> Plan:
        port = ports.take("sample", WISHED_PORT)
        programs = [python("server", SERVE, str(port), port=port), python("stubborn", STUBBORN)]
        if self.kind == "broken":
            programs.append(python("broken", BROKEN))
        if self.kind == "crashing":
            programs.append(python("crashing", CRASHING))
        return Plan(environment={"GUANXI_BASE_URL": f"http://localhost:{port}"}, programs=tuple(programs))


def python(name: str, code: str, *arguments: str, port: int = 0) -> Program:
    return Program(
        name=name,
        title=name.capitalize(),
        argv=(sys.executable, "-c", code, *arguments),
        ready=(lambda _child: listens(port)) if port else (lambda child: child.said("up")),
        cwd=Path("/"),
        stop_seconds=0.5,
    )


WISHED_PORT = 18000

if __name__ == "__main__":
    stack = Stack(default_places(), planner(sys.argv[1]), tied="tied" in sys.argv)
    sys.exit(stack.run(greet=lambda plan: stack.progress.say(f"runs at {plan.environment['GUANXI_BASE_URL']}")))
