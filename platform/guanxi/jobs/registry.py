"""Who runs which kind of job, and what is done once a day."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from guanxi.jobs.models import Job

Runner = Callable[["Job"], None]
R = TypeVar("R", bound=Runner)
D = TypeVar("D", bound=Callable[[], object])

_runners: dict[str, Runner] = {}


@dataclass(frozen=True, slots=True)
class Daily:
    """A chore of each tenant's night, or of the platform's."""

    name: str
    run: Callable[[], object]
    public: bool


_daily: dict[str, Daily] = {}


def job_runner(kind: str) -> Callable[[R], R]:
    """Register what does a kind of job. It gets the Job, outside of any transaction, and may be called again after a
    crash: it goes on from `job.checkpoint`. Returning means success, a Problem or any other exception means
    failure.

    The module that does this is imported by its AppConfig.ready, so that the web process knows the kind too.
    """

    def register(runner: R) -> R:
        _runners[kind] = runner
        return runner

    return register


def runner_of(kind: str) -> Runner | None:
    """Return the runner of a kind."""
    return _runners.get(kind)


def daily(name: str, *, public: bool = False) -> Callable[[D], D]:
    """Register a chore that runs once a night in each tenant, or once in the public schema."""

    def register(run: D) -> D:
        _daily[name] = Daily(name, run, public)
        return run

    return register


def daily_chores(*, public: bool) -> list[Daily]:
    """Return the chores of one level, in the order of their names."""
    return [chore for _, chore in sorted(_daily.items()) if chore.public is public]
