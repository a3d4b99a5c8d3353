"""What the built-in roles grant, as patterns over `kind.action`: a permission that comes later finds its place.

Upper apps name their own exceptions with `grant_by_default`.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache

from guanxi.access import Scope, known_permissions
from tenants.members.types import BuiltInRole

Rule = tuple[str, Scope | None]

# Records that have an owner; what is not named in any of these groups is taken for a setting.
OWNED = ("lead", "customer", "contact", "deal", "activity", "task", "quote", "contract", "order", "receivable")
TALKS = ("conversation", "message", "canned_reply", "ticket")
KNOWLEDGE = ("knowledge", "faq", "article")
OWN_THINGS = ("view", "job", "file", "notification", "delegation")
ONLY_ADMINISTRATORS = (
    "audit.*",
    "api_key.*",
    "invitation.*",
    "domain.*",
    "workspace.update",
    "workspace.close",
    "role.manage",
    "delegation.manage",
    "*.read_all",
)
WHOLESALE = ("delete", "export", "import", "merge", "erase", "assign_any")


def _all(kinds: tuple[str, ...], scope: Scope | None, action: str = "*") -> list[Rule]:
    return [(f"{kind}.{action}", scope) for kind in kinds]


def _never(actions: tuple[str, ...], kinds: tuple[str, ...]) -> list[Rule]:
    return [(f"{kind}.{action}", None) for kind in kinds for action in actions]


_CLOSED: list[Rule] = [(pattern, None) for pattern in ONLY_ADMINISTRATORS]
_LOOKING: list[Rule] = [("*.read", Scope.ALL), ("*.preview", Scope.ALL)]

# The first pattern that matches decides; None refuses.
_RULES: dict[BuiltInRole, list[Rule]] = {
    BuiltInRole.OWNER: [("*", Scope.ALL)],
    BuiltInRole.ADMIN: [("workspace.close", None), ("*", Scope.ALL)],
    BuiltInRole.MANAGER: [
        *_CLOSED,
        *_all(OWNED, Scope.DEPARTMENT_AND_BELOW),
        *_all((*TALKS, *KNOWLEDGE, *OWN_THINGS), Scope.ALL),
        *_LOOKING,
    ],
    BuiltInRole.REP: [
        *_CLOSED,
        *_never(WHOLESALE, OWNED),
        *_never(("manage",), TALKS),
        *_all(OWNED, Scope.SELF),
        *_all(TALKS, Scope.SELF),
        *_all(OWN_THINGS, Scope.SELF),
        *_LOOKING,
    ],
    BuiltInRole.AGENT: [
        *_CLOSED,
        *_never(WHOLESALE, OWNED),
        *_all(TALKS, Scope.ALL),
        *_all(("customer", "contact", "lead", "deal"), Scope.ALL, "read"),
        ("lead.create", Scope.ALL),
        ("customer.create", Scope.ALL),
        ("contact.create", Scope.ALL),
        ("contact.update", Scope.ALL),
        *_all(("activity",), Scope.ALL),
        *_all(("task",), Scope.SELF),
        *_all((*KNOWLEDGE,), Scope.ALL),
        *_all(OWN_THINGS, Scope.SELF),
        *_LOOKING,
    ],
}
_exceptions: dict[BuiltInRole, dict[str, Scope | None]] = {role: {} for role in BuiltInRole}


def grant_by_default(role: str, pattern: str, scope: Scope | None) -> None:
    """Let a built-in role have the permissions that match the pattern at this scope, None to refuse.

    Goes before the general table.
    """
    _exceptions[BuiltInRole(role)][pattern] = scope
    _defaults.cache_clear()


def default_grants(code: str) -> Mapping[str, Scope]:
    """Return permission → scope of a built-in role, for every permission that is registered now."""
    known = tuple(f"{kind}.{action}" for kind, actions in known_permissions().items() for action in actions)
    return _defaults(BuiltInRole(code), known)


@lru_cache(maxsize=32)
def _defaults(role: BuiltInRole, known: tuple[str, ...]) -> Mapping[str, Scope]:
    rules = [*_exceptions[role].items(), *_RULES[role]]
    found = ((permission, _first_match(rules, permission)) for permission in known)
    return {permission: scope for permission, scope in found if scope is not None}


def _first_match(rules: list[Rule], permission: str) -> Scope | None:
    return next((scope for pattern, scope in rules if fnmatchcase(permission, pattern)), None)
