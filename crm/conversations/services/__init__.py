"""Writes conversations: what comes in, what goes out, and who has the word."""

from crm.conversations.services.canned import (
    create_canned_reply,
    delete_canned_reply,
    update_canned_reply,
    use_canned_reply,
)
from crm.conversations.services.handling import (
    assign_conversation,
    hand_back,
    link_conversation,
    mark_read,
    queue_for_person,
    reopen_conversation,
    resolve_conversation,
    snooze_conversation,
    take_over,
    wake_conversation,
)
from crm.conversations.services.inbound import attach_file, receive_message, remember_context, store_reply
from crm.conversations.services.linking import lead_of_talk, link_person
from crm.conversations.services.outbound import (
    add_note,
    deliver_message,
    retry_message,
    send_bot_message,
    send_member_message,
)
from crm.conversations.services.responding import answer_key, register_passive_responder, respond_passively
from crm.conversations.services.timeline import show_message_on_timelines, show_talk_on_timelines

__all__ = [
    "add_note",
    "answer_key",
    "assign_conversation",
    "attach_file",
    "create_canned_reply",
    "delete_canned_reply",
    "deliver_message",
    "hand_back",
    "lead_of_talk",
    "link_conversation",
    "link_person",
    "mark_read",
    "queue_for_person",
    "receive_message",
    "register_passive_responder",
    "remember_context",
    "reopen_conversation",
    "resolve_conversation",
    "respond_passively",
    "retry_message",
    "send_bot_message",
    "send_member_message",
    "show_message_on_timelines",
    "show_talk_on_timelines",
    "snooze_conversation",
    "store_reply",
    "take_over",
    "update_canned_reply",
    "use_canned_reply",
    "wake_conversation",
]
