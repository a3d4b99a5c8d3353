"""Which permissions exist; apps register theirs at start, the role editor and the tests read them."""

from collections.abc import Iterable

_permissions: dict[str, tuple[str, ...]] = {}

# What may stand at a route instead of a permission.
ANYONE = "anyone"
SIGNED_IN = "signed_in"


def register_permissions(kind: str, actions: Iterable[str]) -> None:
    """Register the actions of a record kind, such as ("lead", ["read", "create", "convert"])."""
    _permissions[kind] = tuple(dict.fromkeys([*_permissions.get(kind, ()), *actions]))


def known_permissions() -> dict[str, tuple[str, ...]]:
    """Return kind → actions, sorted by kind."""
    return dict(sorted(_permissions.items()))


def is_known(permission: str) -> bool:
    """Return whether a permission such as `lead.update` is registered."""
    kind, _, action = permission.partition(".")
    return permission in {ANYONE, SIGNED_IN} or action in _permissions.get(kind, ())
