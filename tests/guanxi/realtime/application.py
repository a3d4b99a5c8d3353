"""The ASGI application with what tests add to the sockets: a channel, messages, a way for visitors to be known."""

from typing import Any

from guanxi.access import Actor, require
from guanxi.config.asgi import application as application
from guanxi.events.types import Audience
from guanxi.realtime import (
    hub,
    publish_to_visitor,
    publish_transient,
    register_channel,
    register_client_message,
    register_visitor_authenticator,
    register_visitor_message,
)
from guanxi.tenancy import TenantRef
from guanxi.tenancy.directory import each_tenant

# One process serves many tests, each with a database of its own: nothing of one may linger into the next.
hub.LINGER_SECONDS, hub.TICK_SECONDS = 0.0, 0.1


def _audience(talk_id: int) -> Audience | None:
    # A talk is its owner's: the test gives it the number of the member. One of them is nobody's.
    return None if talk_id == 404 else Audience(owner_id=talk_id)


register_channel("talk", _audience)


@register_client_message("typing")
def _typing(actor: Actor, message: dict[str, Any]) -> None:
    require(actor, "customer.read")
    publish_transient("everyone", {"typing": actor.member_id, "conversation": message.get("conversation")})


@register_client_message("forbidden")
def _forbidden(actor: Actor, message: dict[str, Any]) -> None:
    require(actor, "nothing.ever")


def _authenticate(token: str, host: str) -> tuple[TenantRef, str] | None:
    slug, _, key = token.partition(":")
    return next(((tenant, key) for tenant in each_tenant() if tenant.slug == slug), None)


register_visitor_authenticator(_authenticate)


@register_visitor_message("typing")
def _visitor_typing(conversation_key: str, message: dict[str, Any]) -> None:
    publish_to_visitor(conversation_key, {"echo": message["text"]})
