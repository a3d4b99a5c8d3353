"""The API of the inbox."""

from typing import Any

from ninja import Query

from crm.conversations import selectors, services
from crm.conversations.models import CannedReply, Conversation, Message
from crm.conversations.schemas import (
    CannedReplyIn,
    CannedReplyOut,
    CannedReplyPatch,
    ConversationAssignIn,
    ConversationFilters,
    ConversationOut,
    InboxCountsOut,
    MessageFilters,
    MessageIn,
    MessageOut,
    NoteIn,
    SnoozeIn,
    TalkLeadIn,
    TalkLinkIn,
    WindowOut,
)
from crm.outreach.selectors import window_state
from crm.outreach.types import WindowState
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter

router = AppRouter(tag="conversations")


@router.get("/conversations", permission="conversation.read", response=Page[ConversationOut])
def conversations_list(request: ApiRequest, filters: Query[ConversationFilters], page: Query[PageParams]) -> PageResult:
    """List conversations, the latest talk first."""
    rows = selectors.find_conversations(request.actor, filters.dict())
    return paginate(rows, page, order=("-last_message_at", "-id"))


@router.get("/conversations/counts", permission="conversation.read", response=InboxCountsOut)
def conversations_counts(request: ApiRequest) -> dict[str, int]:
    """Count the conversations of the inbox's views."""
    return selectors.conversation_counts(request.actor)


@router.get("/conversations/{conversation_id}", permission="conversation.read", response=ConversationOut)
def conversations_get(request: ApiRequest, conversation_id: int) -> Conversation:
    """Return a conversation."""
    return selectors.access_conversation(request.actor, conversation_id)


@router.get("/conversations/{conversation_id}/messages", permission="conversation.read", response=Page[MessageOut])
def conversations_messages(request: ApiRequest, conversation_id: int, page: Query[PageParams]) -> PageResult:
    """List a talk, newest message first."""
    return paginate(selectors.messages_of(request.actor, conversation_id), page, order=("-id",))


@router.post("/conversations/{conversation_id}/messages", permission="conversation.reply", response={201: MessageOut})
def conversations_send(request: ApiRequest, conversation_id: int, body: MessageIn) -> tuple[int, Message]:
    """Send a message to the customer; it takes the conversation over from the assistant."""
    return 201, services.send_member_message(actor=request.actor, conversation_id=conversation_id, **body.dict())


@router.post("/conversations/{conversation_id}/notes", permission="conversation.reply", response={201: MessageOut})
def conversations_note(request: ApiRequest, conversation_id: int, body: NoteIn) -> tuple[int, Message]:
    """Write a note that only colleagues see."""
    return 201, services.add_note(actor=request.actor, conversation_id=conversation_id, text=body.text)


@router.get("/conversations/{conversation_id}/window", permission="conversation.read", response=WindowOut)
def conversations_window(request: ApiRequest, conversation_id: int) -> WindowState:
    """Return how many messages the channel still takes for this person, and until when."""
    conversation = selectors.access_conversation(request.actor, conversation_id)
    return window_state(
        channel_id=conversation.channel_id, channel_kind=conversation.channel_kind, identity_id=conversation.identity_id
    )


def _after(conversation_id: int) -> Conversation:
    # The service has authorised the caller, who may have lost sight of the talk by what was just done with it.
    return selectors.conversation_as_it_stands(conversation_id)


@router.post("/conversations/{conversation_id}/take-over", permission="conversation.reply", response=ConversationOut)
def conversations_take_over(request: ApiRequest, conversation_id: int) -> Conversation:
    """Take the word from the assistant or the queue."""
    services.take_over(actor=request.actor, conversation_id=conversation_id)
    return _after(conversation_id)


@router.post("/conversations/{conversation_id}/hand-back", permission="conversation.reply", response=ConversationOut)
def conversations_hand_back(request: ApiRequest, conversation_id: int) -> Conversation:
    """Give the word back to the assistant."""
    services.hand_back(actor=request.actor, conversation_id=conversation_id)
    return _after(conversation_id)


@router.post("/conversations/{conversation_id}/assign", permission="conversation.assign", response=ConversationOut)
def conversations_assign(request: ApiRequest, conversation_id: int, body: ConversationAssignIn) -> Conversation:
    """Give the conversation to a member."""
    services.assign_conversation(actor=request.actor, conversation_id=conversation_id, member_id=body.member_id)
    return _after(conversation_id)


@router.post("/conversations/{conversation_id}/resolve", permission="conversation.reply", response=ConversationOut)
def conversations_resolve(request: ApiRequest, conversation_id: int) -> Conversation:
    """Close the talk."""
    services.resolve_conversation(actor=request.actor, conversation_id=conversation_id)
    return _after(conversation_id)


@router.post("/conversations/{conversation_id}/reopen", permission="conversation.reply", response=ConversationOut)
def conversations_reopen(request: ApiRequest, conversation_id: int) -> Conversation:
    """Open a resolved talk again."""
    services.reopen_conversation(actor=request.actor, conversation_id=conversation_id)
    return _after(conversation_id)


@router.post("/conversations/{conversation_id}/snooze", permission="conversation.reply", response=ConversationOut)
def conversations_snooze(request: ApiRequest, conversation_id: int, body: SnoozeIn) -> Conversation:
    """Put the talk aside until a moment, or until the customer writes."""
    services.snooze_conversation(actor=request.actor, conversation_id=conversation_id, until=body.until)
    return _after(conversation_id)


@router.post("/conversations/{conversation_id}/read", permission="conversation.read", response=ConversationOut)
def conversations_read(request: ApiRequest, conversation_id: int) -> Conversation:
    """Note that everything has been seen."""
    services.mark_read(actor=request.actor, conversation_id=conversation_id)
    return _after(conversation_id)


@router.post("/conversations/{conversation_id}/link", permission="conversation.reply", response=ConversationOut)
def conversations_link(request: ApiRequest, conversation_id: int, body: TalkLinkIn) -> Conversation:
    """Say who the person on the other side is."""
    services.link_person(actor=request.actor, conversation_id=conversation_id, **body.dict())
    return _after(conversation_id)


@router.post("/conversations/{conversation_id}/lead", permission="lead.create", response={201: ConversationOut})
def conversations_lead(request: ApiRequest, conversation_id: int, body: TalkLeadIn) -> tuple[int, Conversation]:
    """Make a lead of the talk, or add to the open one that the person has."""
    services.lead_of_talk(actor=request.actor, conversation_id=conversation_id, values=body.dict())
    return 201, _after(conversation_id)


@router.get("/messages", permission="conversation.read", response=Page[MessageOut])
def messages_list(request: ApiRequest, filters: Query[MessageFilters], page: Query[PageParams]) -> PageResult:
    """List messages over all conversations, newest first."""
    return paginate(selectors.find_messages(request.actor, filters.dict()), page, order=("-id",))


@router.get("/messages/{message_id}", permission="conversation.read", response=MessageOut)
def messages_get(request: ApiRequest, message_id: int) -> Message:
    """Return a message."""
    return selectors.access_message(request.actor, message_id)


@router.post("/messages/{message_id}/retry", permission="conversation.reply", response=MessageOut)
def messages_retry(request: ApiRequest, message_id: int) -> Message:
    """Send a failed message again."""
    return services.retry_message(actor=request.actor, message_id=message_id)


@router.get("/canned-replies", permission="conversation.reply", response=list[CannedReplyOut])
def canned_replies_list(request: ApiRequest, q: str = "") -> Any:
    """List ready answers, most used first."""
    return selectors.canned_replies(q[:60])[:200]


@router.post("/canned-replies", permission="canned_reply.manage", response={201: CannedReplyOut})
def canned_replies_create(request: ApiRequest, body: CannedReplyIn) -> tuple[int, CannedReply]:
    """Keep a ready answer."""
    return 201, services.create_canned_reply(actor=request.actor, **body.dict())


@router.patch("/canned-replies/{reply_id}", permission="canned_reply.manage", response=CannedReplyOut)
def canned_replies_update(request: ApiRequest, reply_id: int, body: CannedReplyPatch) -> CannedReply:
    """Change a ready answer."""
    return services.update_canned_reply(actor=request.actor, reply_id=reply_id, changes=body.dict(exclude_unset=True))


@router.delete("/canned-replies/{reply_id}", permission="canned_reply.manage", response={204: None})
def canned_replies_delete(request: ApiRequest, reply_id: int) -> tuple[int, None]:
    """Remove a ready answer."""
    services.delete_canned_reply(actor=request.actor, reply_id=reply_id)
    return 204, None


@router.post(
    "/canned-replies/{reply_id}/used",
    permission="conversation.reply",
    response={204: None},
    private="a count of the page's own use",
)
def canned_replies_used(request: ApiRequest, reply_id: int) -> tuple[int, None]:
    """Count that a ready answer was used."""
    services.use_canned_reply(actor=request.actor, reply_id=reply_id)
    return 204, None
