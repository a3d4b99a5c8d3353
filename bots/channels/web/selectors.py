"""Reads web channels, and a visitor's own talk."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bots.channels.selectors import access_channel, channel_by_key
from bots.channels.web.presentation import show_messages, show_talk
from bots.channels.web.tokens import read_file_token
from bots.channels.web.types import KIND, Visitor, WebChannel, clean_settings
from crm.conversations.selectors import messages_for_person, talk_of_person
from crm.customers.types import PersonKey
from guanxi.access import Actor
from guanxi.common.errors import Invalid, NotFound
from guanxi.tenancy import current_tenant

if TYPE_CHECKING:
    from bots.channels.models import Channel
    from crm.conversations.models import Conversation

IDENTITY_KIND = "web_visitor"
PAGE = 50


def _web_channel(row: "Channel") -> WebChannel:
    return WebChannel(id=row.pk, key=row.key, name=row.name, settings=clean_settings(row.settings))


def web_channel_by_key(key: str) -> WebChannel:
    """Return the channel of a widget key; raise NotFound when it is not connected, or leads to no workspace."""
    if current_tenant() is None:
        raise NotFound("widget", key)
    return _web_channel(channel_by_key(KIND, key))


def web_channel_by_id(channel_id: int) -> WebChannel:
    """Return a channel by its id, for messages that are on their way out."""
    return _web_channel(access_channel(Actor.system("a message goes out"), channel_id))


def person_key(channel: WebChannel, visitor: Visitor) -> PersonKey:
    """Return what conversations know the visitor by: the browser's id, nothing that the page says about a person."""
    return PersonKey(kind=IDENTITY_KIND, value=f"{channel.id}:{visitor.id}")


def talk_of_visitor(channel: WebChannel, visitor: Visitor) -> "Conversation | None":
    """Return the visitor's talk, None before the first message."""
    key = person_key(channel, visitor)
    return talk_of_person(channel_id=channel.id, kind=key.kind, value=key.value)


@dataclass(frozen=True, slots=True)
class TalkPart:
    """A part of a talk, oldest first; `older` and `newer` say whether there is more on that side."""

    messages: list[dict[str, Any]]
    older: str | None
    newer: bool
    talk: dict[str, str]
    contact_known: bool


def newest_part(channel: WebChannel, visitor: Visitor, *, before: int | None = None) -> TalkPart:
    """Return the newest messages of the visitor's talk, or the newest before one."""
    conversation = talk_of_visitor(channel, visitor)
    if conversation is None:
        return TalkPart([], None, False, show_talk(None), False)
    rows = messages_for_person(conversation.pk).order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE][::-1]
    older = str(shown[0].pk) if len(found) > PAGE else None
    return TalkPart(show_messages(visitor, shown), older, False, show_talk(conversation), _contact_known(conversation))


def part_after(channel: WebChannel, visitor: Visitor, *, after: int) -> TalkPart:
    """Return what was said after a message, the oldest first."""
    conversation = talk_of_visitor(channel, visitor)
    if conversation is None:
        return TalkPart([], None, False, show_talk(None), False)
    found = list(messages_for_person(conversation.pk).filter(pk__gt=after).order_by("id")[: PAGE + 1])
    shown = show_messages(visitor, found[:PAGE])
    return TalkPart(shown, None, len(found) > PAGE, show_talk(conversation), _contact_known(conversation))


def message_of_visitor(channel: WebChannel, visitor: Visitor, message_id: int) -> tuple[dict[str, Any], dict[str, str]]:
    """Return one message and who has the word, as the visitor sees them."""
    conversation = talk_of_visitor(channel, visitor)
    row = messages_for_person(conversation.pk).filter(pk=message_id).first() if conversation else None
    if row is None:
        raise NotFound("message", message_id)
    return show_messages(visitor, [row])[0], show_talk(conversation)


def _contact_known(conversation: "Conversation") -> bool:
    return conversation.contact_id is not None or conversation.lead_id is not None


def own_file(visitor: Visitor, ref: str) -> int:
    """Return the id of a file that this visitor uploaded; raise Invalid for any other reference."""
    named = read_file_token(ref)
    if named is None or (named[0].key, named[0].id) != (visitor.key, visitor.id):
        raise Invalid("file_lost", "The upload is not known any more; send the file again.", fields={"file": "unknown"})
    return named[1]
