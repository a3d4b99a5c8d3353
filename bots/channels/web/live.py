"""What a visitor's open pages hear, and what they say, over their socket.

A visitor listens under the value of their identity, so that the socket may open before the first message is written.
Everything told here can also be read from the API; each message names the one before it, so that a page that missed one
knows.
"""

from typing import Any

from bots.channels.web.presentation import show_messages, show_talk
from bots.channels.web.selectors import IDENTITY_KIND, person_key, web_channel_by_id, web_channel_by_key
from bots.channels.web.tokens import read_token
from bots.channels.web.types import KIND, ROUTE_KIND, Visitor
from crm.conversations.selectors import (
    access_conversation,
    access_message,
    conversation_for_bot,
    messages_for_person,
    talk_of_person,
)
from guanxi.access import Actor
from guanxi.common.errors import NotFound
from guanxi.realtime import publish_to_visitor, publish_transient
from guanxi.tenancy import TenantRef, tenant_scope
from guanxi.tenancy.hosts import HostKind, resolve_host
from tenants.workspaces.selectors import resolve_route


def authenticate_visitor(token: str, host: str) -> tuple[TenantRef, str] | None:
    """Return the tenant and the key under which a visitor listens; None for a bad token or a wrong host."""
    visitor = read_token(token)
    tenant = resolve_route(ROUTE_KIND, visitor.key) if visitor is not None else None
    if visitor is None or tenant is None:
        return None
    kind, of_host = resolve_host(host)
    if kind is HostKind.UNKNOWN or (of_host is not None and of_host != tenant):
        return None
    with tenant_scope(tenant):
        try:
            channel = web_channel_by_key(visitor.key)
        except NotFound:
            return None
    return tenant, person_key(channel, visitor).value


def tell_message(message_id: int) -> None:
    """Tell the visitor's pages of a message, and who has the word."""
    message = access_message(Actor.system("a visitor hears of a message"), message_id)
    conversation = conversation_for_bot(message.conversation_id)
    seen = messages_for_person(conversation.pk)
    if conversation.channel_kind != KIND or not seen.filter(pk=message_id).exists():
        return
    channel = web_channel_by_id(conversation.channel_id)
    key: str = conversation.identity.value
    shown = show_messages(Visitor(key=channel.key, id=key.partition(":")[2]), [message])[0]
    previous = seen.filter(pk__lt=message_id).order_by("-id").values_list("pk", flat=True).first()
    payload = {"type": "message", "message": shown, "previous": previous, "talk": show_talk(conversation)}
    publish_to_visitor(key, payload, after_commit=True)


def tell_talk(conversation_id: int) -> None:
    """Tell the visitor's pages who has the word."""
    conversation = conversation_for_bot(conversation_id)
    if conversation.channel_kind == KIND:
        publish_to_visitor(
            conversation.identity.value, {"type": "talk", "talk": show_talk(conversation)}, after_commit=True
        )


def hear_member_typing(actor: Actor, payload: dict[str, Any]) -> None:
    """Let the visitor see that a person types an answer."""
    conversation_id = payload.get("conversation_id")
    if not isinstance(conversation_id, int) or isinstance(conversation_id, bool):
        return
    conversation = access_conversation(actor, conversation_id, "conversation.reply")
    typing = {"type": "typing", "who": "member", "name": actor.name}
    if conversation.channel_kind == KIND:
        publish_to_visitor(conversation.identity.value, typing)
    publish_transient(
        f"conversation:{conversation.pk}", {**typing, "conversation_id": conversation.pk, "member_id": actor.member_id}
    )


def hear_typing(key: str, payload: dict[str, Any]) -> None:
    """Let the people who have the talk open see that the visitor types."""
    channel_id = key.partition(":")[0]
    conversation = talk_of_person(channel_id=int(channel_id), kind=IDENTITY_KIND, value=key)
    if conversation is not None:
        typing = {"type": "typing", "who": "customer", "conversation_id": conversation.pk}
        publish_transient(f"conversation:{conversation.pk}", typing)
