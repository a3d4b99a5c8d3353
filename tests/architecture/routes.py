"""What must hold of every operation of the API; each breach in words."""

import re
from collections.abc import Iterator
from types import SimpleNamespace

from ninja import NinjaAPI
from ninja.operation import Operation, PathView

from guanxi.access import ANYONE, is_known
from guanxi.common.errors import NotSignedIn

OPERATION_ID = re.compile(r"^[a-z_]+$")


def operations(api: NinjaAPI) -> Iterator[tuple[str, Operation]]:
    """Yield (method and path, operation) of everything that an API is mounted with, as it is mounted."""
    for bound in api._get_bound_routers():
        yield from _listed(bound.prefix, bound.path_operations)


def declared(api: NinjaAPI) -> Iterator[tuple[str, Operation]]:
    """Yield the same operations as their router declared them, without what the mount puts around."""
    for bound in api._get_bound_routers():
        yield from _listed(bound.prefix, bound.template.path_operations)


def _listed(prefix: str, views: dict[str, PathView]) -> Iterator[tuple[str, Operation]]:
    for path, view in views.items():
        for operation in view.operations:
            for method in operation.methods:
                yield f"{method} {prefix}{path}", operation


def permission_of(operation: Operation) -> str:
    """Return the permission that an operation declares, empty when it declares none."""
    return str((operation.openapi_extra or {}).get("x-permission", ""))


def undeclared(api: NinjaAPI) -> list[str]:
    """Every operation declares a permission that an app has registered."""
    return [
        f"{place} declares {permission_of(op)!r}" for place, op in operations(api) if not is_known(permission_of(op))
    ]


def unguarded(api: NinjaAPI) -> list[str]:
    """What an operation declares is asked before its view is entered: without an actor each refuses."""
    breaches = []
    for place, operation in declared(api):
        if permission_of(operation) == ANYONE:
            continue
        try:
            operation.view_func(SimpleNamespace(auth=None))
        except NotSignedIn:
            continue
        except Exception as fault:
            breaches.append(f"{place} enters its view without an actor ({type(fault).__name__})")
        else:
            breaches.append(f"{place} answers without an actor")
    return breaches


def unauthenticated(api: NinjaAPI) -> list[str]:
    """Only what is for anyone goes without authentication."""
    return [
        f"{place} asks nobody who he is"
        for place, operation in operations(api)
        if permission_of(operation) != ANYONE and not operation.auth_callbacks
    ]


def misnamed(api: NinjaAPI) -> list[str]:
    """An operation id is unique within its API and made of small letters."""
    seen: dict[str, str] = {}
    breaches = []
    for place, operation in operations(api):
        name = operation.operation_id or ""
        if not OPERATION_ID.fullmatch(name):
            breaches.append(f"{place} is called {name!r}")
        elif name in seen:
            breaches.append(f"{place} and {seen[name]} are both called {name}")
        seen[name] = place
    return breaches
