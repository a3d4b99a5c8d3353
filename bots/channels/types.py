"""Small types that all channels share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from bots.channels.models import Channel


class ChannelState(StrEnum):
    """Whether a channel takes messages."""

    SETUP = "setup"
    ACTIVE = "active"
    DISCONNECTED = "disconnected"


class Health(StrEnum):
    """How a channel fares; `unknown` until anything has happened."""

    UNKNOWN = "unknown"
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


class StepState(StrEnum):
    """How far one step of connecting is."""

    DONE = "done"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of connecting a channel; `code` says what is wrong, `params` what the sentence may show."""

    name: str
    state: StepState
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CleanSettings:
    """What a channel keeps: the key that the outside names it by, plain settings, and secrets to be sealed."""

    key: str
    settings: dict[str, Any]
    secrets: dict[str, str] = field(default_factory=dict)


class ChannelKind(Protocol):
    """What a kind of channel brings: its settings, its route, and how it is checked."""

    kind: str
    # What `tenants.workspaces` calls the key of this kind; outside callers bring it instead of a host.
    route_kind: str
    # A company may have many web pages but each account only once; either way a key leads to one workspace.
    secret_names: tuple[str, ...]
    # All that a form may bring, secrets included; anything else is a mistake that is better told than swallowed.
    setting_names: frozenset[str]

    def clean(self, values: Mapping[str, Any], channel: "Channel | None") -> CleanSettings:
        """Return what is kept of a form's values; `channel` is the row that is changed. Raises Invalid."""
        ...

    def steps(self, channel: "Channel") -> list[Step]:
        """Return how far connecting is, from what is known already."""
        ...

    def check(self, channel: "Channel") -> list[Step]:
        """Ask the outside whether everything works, keep what was learned, and return the steps."""
        ...

    def connection(self, channel: "Channel") -> dict[str, str]:
        """Return what the owner copies elsewhere: addresses, tokens, a script tag."""
        ...
