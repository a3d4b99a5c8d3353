"""What is prepared, started and filled, in order: the one place to edit when a part comes or goes."""

import sys
from dataclasses import dataclass
from pathlib import Path

from guanxi.config.devstack.probes import answers, listens
from guanxi.config.devstack.processes import Child, Program


@dataclass(frozen=True)
class Step:
    """A management command that runs to its end before the programs start."""

    title: str
    arguments: tuple[str, ...]


# All of them run in one process, one after the other, so that Django is imported once.
PREPARE = (Step("Tables and spare workspaces", ("migrate_all",)),)
# Once the programs run. It writes var/demo.json, and is quick when the demo is there already.
FILL = Step("Demo data", ("fill_demo",))


@dataclass(frozen=True)
class Fake:
    """
    A stand-in for an outside service: its module, its wished port and the setting that points to it.

    Its arguments may name `{state}`, a folder of its own, and `{smtp_port}`, a port for the demo's mailbox.
    """

    name: str
    title: str
    module: str
    port: int
    variable: str
    path: str = ""
    arguments: tuple[str, ...] = ()


FAKES = (
    Fake(
        "wechat-fake",
        "WeChat, played",
        "tests.fakes.wechat",
        8010,
        "GUANXI_WECHAT_API_BASE",
        arguments=("--state", "{state}", "--smtp-port", "{smtp_port}"),
    ),
    Fake(
        "stripe-fake",
        "Stripe, played",
        "tests.fakes.stripe",
        8020,
        "GUANXI_STRIPE_API_BASE",
        arguments=("--state", "{state}"),
    ),
    Fake("llm-fake", "Language model, played", "tests.fakes.llm", 8030, "GUANXI_DEMO_MODEL_URL", path="/v1"),
)
WEB_PORT, SMTP_PORT = 8000, 8025
HEALTH_PATH = "/livez"


def web(*, port: int) -> Program:
    """HTTP and sockets."""
    return Program(
        name="web",
        title="Web server",
        argv=_python(
            "daphne", "-b", "127.0.0.1", "-p", str(port), "--no-server-name", "guanxi.config.asgi:application"
        ),
        ready=lambda _child: answers(port, HEALTH_PATH),
        stop_seconds=8,
    )


def worker() -> Program:
    return Program(
        name="worker",
        title="Worker",
        argv=_celery("worker", "--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle"),
        ready=lambda child: child.said("ready."),
        stop_seconds=10,
    )


def beat(*, run: Path) -> Program:
    return Program(
        name="beat",
        title="Clock of recurring jobs",
        argv=_celery("beat", "--schedule", str(run / "beat-schedule"), "--pidfile="),
        ready=lambda child: child.said("beat: Starting"),
        stop_seconds=5,
    )


def relay() -> Program:
    return Program(
        name="relay",
        title="Relay of events",
        argv=_python("guanxi.config.cli", "manage", "relay"),
        ready=lambda child: child.said("relay ready"),
        stop_seconds=5,
    )


def fake(kind: Fake, *, port: int, state: Path, smtp_port: int) -> Program:
    arguments = (argument.format(state=state / kind.name, smtp_port=smtp_port) for argument in kind.arguments)
    return Program(
        name=kind.name,
        title=kind.title,
        argv=_python(kind.module, "--port", str(port), *arguments),
        ready=lambda _child: listens(port),
        stop_seconds=5,
    )


def prepare() -> Program:
    """All steps of PREPARE in one process; it announces each on a line of its own."""
    return Program(
        name="prepare",
        title="Preparing",
        argv=_python("guanxi.config.devstack.prepare"),
        ready=_ended_well,
        start_seconds=600,
    )


def fill(step: Step = FILL) -> Program:
    return Program(
        name="fill",
        title=step.title,
        argv=_python("guanxi.config.cli", "manage", *step.arguments),
        ready=_ended_well,
        start_seconds=600,
    )


def _ended_well(child: Child) -> bool:
    return child.exit_code == 0


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)


def _celery(*arguments: str) -> tuple[str, ...]:
    return _python("celery", "--quiet", "-A", "guanxi.config.worker", *arguments, "--loglevel", "INFO")
