"""Which kinds of notifications there are, and how members are reached outside of the page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of notification and what members get who never chose."""

    code: str
    in_app: bool = True
    email: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """A member as mails need it; `url` is the address of the workspace's page."""

    member_id: int
    email: str
    name: str
    locale: str
    timezone: str
    url: str


Recipients = Callable[[Iterable[int]], Iterable[Recipient]]

_kinds: dict[str, Kind] = {}
_recipients: Recipients | None = None


def register_kind(code: str, *, in_app: bool = True, email: bool = False) -> None:
    """Name a kind, so that members can choose about it; what is not named is shown on the bell and not mailed."""
    _kinds[code] = Kind(code, in_app, email)


def kind_of(code: str) -> Kind:
    """Return a kind with its defaults."""
    return _kinds.get(code) or Kind(code)


def known_kinds() -> list[Kind]:
    """Return the named kinds in the order of their codes."""
    return [_kinds[code] for code in sorted(_kinds)]


def register_recipients(recipients: Recipients) -> None:
    """Say how members' addresses are found, in the current tenant; members who are switched off are left out."""
    global _recipients
    _recipients = recipients


def recipients_of(member_ids: Iterable[int]) -> list[Recipient]:
    """Return who can be reached of these members."""
    return list(_recipients(member_ids)) if _recipients is not None else []
