"""What is known of the request at hand, for the audit and the log."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """The request that this work is done for; `confirms` names warnings that its caller has read and passes over."""

    request_id: str
    ip: str
    user_agent: str
    confirms: frozenset[str] = frozenset()


_info: ContextVar[RequestInfo | None] = ContextVar("guanxi_request", default=None)


def request_info() -> RequestInfo | None:
    """Return the request at hand, None in a worker."""
    return _info.get()


def set_request_info(info: RequestInfo | None) -> None:
    """Set the request at hand; the outermost middleware does it for each request."""
    _info.set(info)
