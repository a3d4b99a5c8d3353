"""The registry through which the apps above write their first rows into a new workspace."""

from collections.abc import Callable
from dataclasses import dataclass

from tenants.workspaces.types import FoundedOwner, Founder, Founding

MakeOwner = Callable[[Founder], FoundedOwner]
Defaults = Callable[[Founding], None]


@dataclass(frozen=True, slots=True)
class _Registered:
    order: int
    name: str
    write: Defaults


_defaults: dict[str, _Registered] = {}
_make_owner: MakeOwner | None = None


def register_owner_maker(make: MakeOwner) -> None:
    """Say how the first user and member come into being, with the roles that they need; it runs before all defaults."""
    global _make_owner
    _make_owner = make


def register_defaults(write: Defaults, *, order: int = 50) -> None:
    """Let a function write an app's defaults (pipelines, stages, settings) into each new workspace.

    It runs inside the new scope and the one transaction.

    Lower orders first. It must be quick: whoever signs up is waiting for it.
    """
    name = f"{write.__module__}.{write.__qualname__}"
    _defaults[name] = _Registered(order, name, write)


def make_owner(founder: Founder) -> FoundedOwner:
    """Make the owner by the registered function."""
    if _make_owner is None:
        raise RuntimeError("nobody registered how an owner is made")
    return _make_owner(founder)


def write_defaults(founding: Founding) -> None:
    """Run every registered function, in order."""
    for registered in sorted(_defaults.values(), key=lambda r: (r.order, r.name)):
        registered.write(founding)
