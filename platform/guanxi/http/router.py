"""Operations of the API: written once, mounted for the page and for programs, each with its permission."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Protocol, TypeVar

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.constants import NOT_SET

from guanxi.access import ANYONE, SIGNED_IN, Actor, require
from guanxi.common.errors import NotSignedIn, VersionConflict
from guanxi.http.idempotency import idempotent
from guanxi.http.limits import limited

F = TypeVar("F", bound=Callable[..., Any])


class Versioned(Protocol):
    """A row with a version."""

    version: int


R = TypeVar("R", bound=Versioned)


class ApiRequest(HttpRequest):
    """A request whose caller is known."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class Route:
    """What is known of an operation, for the tests that walk all of them."""

    method: str
    path: str
    operation_id: str
    permission: str
    private: str | None
    tag: str


@dataclass
class AppRouter:
    """The operations of one app.

    Every operation names its permission. All of them stand under `/api/v1`; all but those with `private="the reason"`
    also under `/api/public/v1`.
    """

    tag: str
    routes: list[Route] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.internal = Router(tags=[self.tag])
        self.public = Router(tags=[self.tag])
        for router in (self.internal, self.public):
            router.add_decorator(idempotent, mode="view")
        self.public.add_decorator(limited, mode="view")

    def get(
        self, path: str, *, permission: str, response: Any, private: str | None = None, **options: Any
    ) -> Callable[[F], F]:
        """Declare a GET."""
        return self._operation("GET", path, permission, response, private, options)

    def post(
        self, path: str, *, permission: str, response: Any, private: str | None = None, **options: Any
    ) -> Callable[[F], F]:
        """Declare a POST."""
        return self._operation("POST", path, permission, response, private, options)

    def patch(
        self, path: str, *, permission: str, response: Any, private: str | None = None, **options: Any
    ) -> Callable[[F], F]:
        """Declare a PATCH."""
        return self._operation("PATCH", path, permission, response, private, options)

    def put(
        self, path: str, *, permission: str, response: Any, private: str | None = None, **options: Any
    ) -> Callable[[F], F]:
        """Declare a PUT."""
        return self._operation("PUT", path, permission, response, private, options)

    def delete(
        self, path: str, *, permission: str, response: Any, private: str | None = None, **options: Any
    ) -> Callable[[F], F]:
        """Declare a DELETE."""
        return self._operation("DELETE", path, permission, response, private, options)

    def _operation(
        self, method: str, path: str, permission: str, response: Any, private: str | None, options: dict[str, Any]
    ) -> Callable[[F], F]:
        def declare(view: F) -> F:
            name = view.__name__
            self.routes.append(Route(method, path, name, permission, private, self.tag))
            guarded = _guard(view, permission)
            settings = {
                "response": response,
                "operation_id": name,
                "url_name": name,
                "auth": None if permission == ANYONE else NOT_SET,
                "openapi_extra": {"x-permission": permission},
                **options,
            }
            self.internal.api_operation([method], path, **settings)(guarded)
            if private is None:
                self.public.api_operation([method], path, **settings)(guarded)
            return view

        return declare


def _guard(view: F, permission: str) -> F:
    """Let only an actor with the permission through; the view finds it at `request.actor`."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
        actor = getattr(request, "auth", None)
        if permission != ANYONE:
            if not isinstance(actor, Actor):
                raise NotSignedIn
            if permission != SIGNED_IN:
                require(actor, permission)
        if isinstance(actor, Actor):
            request.actor = actor
        return view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]


def if_match(request: HttpRequest) -> int | None:
    """Return the version that the request's If-Match names, None without one; a tag that is not ours is version −1,
    which no row has.
    """
    given = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not given or given == "*":
        return None
    return int(given) if given.isdecimal() else -1


def check_version(request: HttpRequest, version: int) -> None:
    """Raise VersionConflict when the request's If-Match names another version than the row has; no header, no check."""
    given = if_match(request)
    if given is not None and given != version:
        raise VersionConflict(version)


def set_etag(response: HttpResponse, record: R) -> R:
    """Put the record's version into the answer's ETag; return the record."""
    response.headers["ETag"] = f'"{record.version}"'
    return record
