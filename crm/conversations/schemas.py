"""Shapes of conversations and messages in the API."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from crm.records.schemas import MemberBrief

View = Literal["mine", "all", "bot", "unassigned", "open", "waiting", "snoozed", "resolved"]


class PersonOut(Schema):
    """The person on the other side, as the channel knows them."""

    id: int
    kind: str
    display_name: str
    avatar_url: str


class ConversationOut(Schema):
    """A conversation."""

    id: int
    channel_id: int
    channel_kind: str
    state: str
    person: PersonOut
    assignee: MemberBrief | None
    handover_reason: str
    handed_over_at: datetime | None
    first_replied_at: datetime | None
    resolved_at: datetime | None
    snoozed_until: datetime | None
    last_message_at: datetime
    last_inbound_at: datetime | None
    last_message_preview: str
    waiting_since: datetime | None
    unread_count: int
    lead_id: int | None
    contact_id: int | None
    customer_id: int | None
    attribution: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_person(conversation: Any) -> Any:
        """Return the identity; the list has loaded it already."""
        return conversation.identity


class ConversationFilters(Schema):
    """Filters of the inbox."""

    view: View = "all"
    q: str = Field("", max_length=100)
    customer_id: int | None = None
    contact_id: int | None = None
    lead_id: int | None = None
    channel_id: int | None = None
    assignee_id: int | None = None


class InboxCountsOut(Schema):
    """How many conversations the views hold."""

    mine: int
    unassigned: int
    open: int
    waiting: int
    bot: int
    snoozed: int


class TalkLinkIn(Schema):
    """Whose talk it is: records that the person is known by."""

    lead_id: int | None = None
    contact_id: int | None = None
    customer_id: int | None = None


class TalkLeadIn(Schema):
    """What a colleague learned of the person in the talk."""

    name: str = Field("", max_length=120)
    company: str = Field("", max_length=200)
    phone: str = Field("", max_length=40)
    email: str = Field("", max_length=254)
    wechat: str = Field("", max_length=60)
    city: str = Field("", max_length=40)
    need: str = Field("", max_length=2000)
    budget: str = Field("", max_length=120)
    timing: str = Field("", max_length=120)


class MessageOut(Schema):
    """A message."""

    id: int
    conversation_id: int
    direction: str
    sender: str
    member_id: int | None
    kind: str
    text: str
    payload: dict[str, Any]
    file_id: int | None
    generated: bool
    sources: list[dict[str, Any]]
    state: str
    error: str
    sent_at: datetime
    created_at: datetime


class MessageFilters(Schema):
    """Filters of the message list."""

    q: str = Field("", max_length=100)
    conversation_id: int | None = None


class MessageIn(Schema):
    """A message to send; `key` names it, so that a repeated call sends it once."""

    text: str = Field("", max_length=4000)
    kind: Literal["text", "image", "file"] = "text"
    file_id: int | None = None
    key: str = Field("", max_length=80)


class NoteIn(Schema):
    """A note that only colleagues see."""

    text: str = Field(min_length=1, max_length=4000)


class SnoozeIn(Schema):
    """Until when the talk is put aside."""

    until: datetime


class ConversationAssignIn(Schema):
    """Who gets the conversation."""

    member_id: int


class WindowOut(Schema):
    """What the channel still takes for this person."""

    limited: bool
    open: bool
    remaining: int | None
    bot_remaining: int | None
    until: datetime | None
    reason: str


class CannedReplyIn(Schema):
    """A ready answer."""

    shortcut: str = Field(min_length=1, max_length=30)
    title: str = Field("", max_length=80)
    text: str = Field(min_length=1, max_length=4000)


class CannedReplyPatch(Schema):
    """Changes of a ready answer."""

    shortcut: str | None = Field(None, min_length=1, max_length=30)
    title: str | None = Field(None, max_length=80)
    text: str | None = Field(None, min_length=1, max_length=4000)


class CannedReplyOut(Schema):
    """A ready answer."""

    id: int
    shortcut: str
    title: str
    text: str
    use_count: int
