"""Where the present piece of work came from: the request's id and address, for logs and the audit."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """The request (or task) behind this work; `ip` is None when no caller from outside is known."""

    request_id: str = ""
    ip: str | None = None


_origin: ContextVar[Origin | None] = ContextVar("guanxi_origin", default=None)
_UNKNOWN = Origin()


def current_origin() -> Origin:
    """Return the origin of this context, an empty one outside of any request."""
    return _origin.get() or _UNKNOWN


@contextmanager
def origin_scope(*, request_id: str = "", ip: str | None = None) -> Iterator[None]:
    """Let everything in the block carry this origin."""
    token = _origin.set(Origin(request_id=request_id, ip=ip))
    try:
        yield
    finally:
        _origin.reset(token)
