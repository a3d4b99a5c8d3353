"""What the apps above add to the sockets: channels, messages from the page, and how a visitor is known."""

from collections.abc import Callable
from typing import Any, TypeVar

from guanxi.access import Actor
from guanxi.events.types import Audience
from guanxi.tenancy import TenantRef

MemberMessage = Callable[[Actor, dict[str, Any]], None]
VisitorMessage = Callable[[str, dict[str, Any]], None]
AudienceOf = Callable[[int], Audience | None]
VisitorAuthenticator = Callable[[str, str], tuple[TenantRef, str] | None]
M = TypeVar("M", bound=MemberMessage)
V = TypeVar("V", bound=VisitorMessage)

_channels: dict[str, AudienceOf] = {}
_member_messages: dict[str, MemberMessage] = {}
_visitor_messages: dict[str, VisitorMessage] = {}
_authenticate_visitor: VisitorAuthenticator | None = None


def register_channel(kind: str, audience_of: AudienceOf) -> None:
    """Say who may hear the transients of `<kind>:<id>`; the answer is kept for some seconds in each process."""
    _channels[kind] = audience_of


def audience_of_channel(kind: str) -> AudienceOf | None:
    """Return who tells the audience of a kind of channel."""
    return _channels.get(kind)


def register_client_message(kind: str) -> Callable[[M], M]:
    """Register the handler of a message that the page may send.

    It runs in the tenant's scope, checks the right itself, and may raise a Problem, whose code the page gets.
    """

    def register(handler: M) -> M:
        _member_messages[kind] = handler
        return handler

    return register


def member_message_handler(kind: str) -> MemberMessage | None:
    """Return the handler of a page's message."""
    return _member_messages.get(kind)


def register_visitor_authenticator(authenticate: VisitorAuthenticator) -> None:
    """Say how a visitor's token at a host becomes a tenant and the key of the one conversation that the visitor
    hears; None refuses.
    """
    global _authenticate_visitor
    _authenticate_visitor = authenticate


def visitor_authenticator() -> VisitorAuthenticator | None:
    """Return the registered authenticator."""
    return _authenticate_visitor


def register_visitor_message(kind: str) -> Callable[[V], V]:
    """Register the handler of a message that a visitor may send; it gets the key of the visitor's conversation."""

    def register(handler: V) -> V:
        _visitor_messages[kind] = handler
        return handler

    return register


def visitor_message_handler(kind: str) -> VisitorMessage | None:
    """Return the handler of a visitor's message."""
    return _visitor_messages.get(kind)
