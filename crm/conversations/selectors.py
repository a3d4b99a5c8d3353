"""Reads conversations and messages, each inside the actor's scope."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet

from crm.conversations.models import CannedReply, Conversation, Message
from crm.records.search import search_q
from crm.records.visibility import reach_q
from guanxi.access import Actor, allows
from guanxi.common.errors import NotFound

VIEWS: dict[str, Q] = {
    "all": Q(),
    "bot": Q(state="bot"),
    "unassigned": Q(state="queued"),
    "open": Q(state__in=["queued", "open"]),
    "waiting": Q(waiting_since__isnull=False),
    "snoozed": Q(state="snoozed"),
    "resolved": Q(state="resolved"),
}


def _reach(actor: Actor, permission: str) -> Q:
    condition = reach_q(actor, *permission.split("."))
    if not condition:
        return condition
    # Whoever works on a talk sees it, whatever the scope; and the queue belongs to everybody who may answer at all.
    if permission in actor.grants:
        condition |= Q(assignee_id__in=sorted(actor.self_ids))
        if "conversation.reply" in actor.grants:
            condition |= Q(state="queued")
    return condition


def seen_in_queue(actor: Actor, conversation: Conversation) -> list[str]:
    """Return a reason when the actor sees a conversation because it waits and the actor may answer."""
    waits = conversation.state == Conversation.State.QUEUED and "conversation.reply" in actor.grants
    return ["queue"] if waits else []


def visible_conversations(actor: Actor) -> QuerySet[Conversation]:
    """Return the conversations that the actor may read."""
    return Conversation.objects.filter(_reach(actor, "conversation.read")).select_related(
        "identity", "assignee", "owner"
    )


def access_conversation(actor: Actor, conversation_id: int, permission: str = "conversation.read") -> Conversation:
    """Return a conversation that the permission reaches; raise NotFound otherwise."""
    conversation = visible_conversations(actor).filter(_reach(actor, permission), pk=conversation_id).first()
    if conversation is None:
        raise NotFound("conversation", conversation_id)
    return conversation


def conversation_as_it_stands(conversation_id: int) -> Conversation:
    """Return a conversation for a caller who has been authorised; raise NotFound when it is gone."""
    rows = Conversation.objects.select_related("identity", "assignee", "owner")
    conversation = rows.filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFound("conversation", conversation_id)
    return conversation


def find_conversations(actor: Actor, filters: Mapping[str, Any]) -> QuerySet[Conversation]:
    """Return the visible conversations of a view (mine, all, bot, unassigned, open, waiting, snoozed, resolved) that
    match `q`.
    """
    rows = visible_conversations(actor)
    view = filters.get("view") or "all"
    rows = (
        rows.filter(assignee_id=actor.member_id).exclude(state="resolved")
        if view == "mine"
        else rows.filter(VIEWS[view])
    )
    for name in ("customer_id", "contact_id", "lead_id", "channel_id", "assignee_id"):
        if value := filters.get(name):
            rows = rows.filter(**{name: value})
    if text := filters.get("q"):
        talks = Message.objects.filter(search_q(text)).values("conversation_id")
        rows = rows.filter(Q(identity__display_name__icontains=text) | Q(pk__in=talks))
    return rows


COUNTED_VIEWS = ("unassigned", "open", "waiting", "bot", "snoozed")


def conversation_counts(actor: Actor) -> dict[str, int]:
    """Return how many conversations the views of the inbox hold; what is resolved only grows and is not counted."""
    counts = {view: Count("pk", filter=VIEWS[view]) for view in COUNTED_VIEWS}
    mine = Count("pk", filter=Q(assignee_id=actor.member_id))
    rows = Conversation.objects.filter(_reach(actor, "conversation.read")).exclude(state="resolved")
    return rows.aggregate(mine=mine, **counts)


def may_open_file(actor: Actor, file_id: int) -> bool:
    """Return whether a file belongs to a talk that the actor may read."""
    return allows(actor, "conversation.read") and visible_messages(actor).filter(file_id=file_id).exists()


def visible_messages(actor: Actor) -> QuerySet[Message]:
    """Return the messages of conversations that the actor may read."""
    condition = _reach(actor, "conversation.read")
    rows = Message.objects.select_related("conversation")
    return rows.filter(conversation__in=Conversation.objects.filter(condition)) if condition else rows


def access_message(actor: Actor, message_id: int) -> Message:
    """Return a message of a conversation that the actor may read; raise NotFound otherwise."""
    message = visible_messages(actor).filter(pk=message_id).first()
    if message is None:
        raise NotFound("message", message_id)
    return message


def messages_of(actor: Actor, conversation_id: int) -> QuerySet[Message]:
    """Return a talk, newest first."""
    access_conversation(actor, conversation_id)
    return Message.objects.filter(conversation_id=conversation_id)


def find_messages(actor: Actor, filters: Mapping[str, Any]) -> QuerySet[Message]:
    """Return the visible messages that match `q`, of one conversation when named."""
    rows = visible_messages(actor)
    if conversation_id := filters.get("conversation_id"):
        rows = rows.filter(conversation_id=conversation_id)
    if text := filters.get("q"):
        rows = rows.filter(search_q(text))
    return rows


def conversation_for_bot(conversation_id: int) -> Conversation:
    """Return a conversation for the assistant at work; raise NotFound when it is gone."""
    conversation = Conversation.objects.select_related("identity").filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFound("conversation", conversation_id)
    return conversation


def talk_since_resolve(conversation_id: int, limit: int = 20) -> list[Message]:
    """Return the last messages since the talk was last resolved, oldest first, without notes and events."""
    conversation = conversation_for_bot(conversation_id)
    rows = Message.objects.filter(conversation_id=conversation_id).exclude(kind__in=["note", "event"])
    if conversation.resolved_at:
        rows = rows.filter(created_at__gt=conversation.resolved_at)
    return list(rows.order_by("-id")[:limit])[::-1]


def talk_of_person(*, channel_id: int, kind: str, value: str) -> Conversation | None:
    """Return the talk that a channel has with the person of an identity, None before the first message."""
    rows = Conversation.objects.select_related("identity")
    return rows.filter(channel_id=channel_id, identity__kind=kind, identity__value=value).first()


def messages_for_person(conversation_id: int) -> QuerySet[Message]:
    """Return what the person on the other side may see of a talk: no notes, no events, nothing that never went out."""
    rows = Message.objects.filter(conversation_id=conversation_id)
    return rows.exclude(kind__in=["note", "event"]).exclude(state=Message.State.FAILED)


def canned_replies(text: str = "") -> QuerySet[CannedReply]:
    """Return the ready answers, most used first."""
    rows = CannedReply.objects.all()
    if text:
        rows = rows.filter(Q(shortcut__istartswith=text) | Q(title__icontains=text) | Q(text__icontains=text))
    return rows.order_by("-use_count", "shortcut")
