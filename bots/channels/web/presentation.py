"""How stored messages look to the visitor: no ids of people, no keys of ours, nothing that colleagues alone see."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bots.channels.web.tokens import issue_file_token
from bots.channels.web.types import Visitor
from guanxi.files.selectors import files_by_id
from tenants.members.selectors import member_names

if TYPE_CHECKING:
    from crm.conversations.models import Conversation, Message
    from guanxi.files.models import StoredFile

SENDERS = {"customer": "visitor", "assistant": "assistant", "member": "member", "system": "assistant"}
FILE_PATH = "/api/widget/v1/files/"


def show_file(visitor: Visitor, stored: "StoredFile") -> dict[str, Any]:
    """Return a file with an address that works for this visitor alone, for a day."""
    ref = issue_file_token(visitor, stored.pk)
    return {
        "ref": ref,
        "url": FILE_PATH + ref,
        "name": stored.name,
        "size": stored.size,
        "content_type": stored.content_type,
    }


def show_messages(visitor: Visitor, messages: Iterable["Message"]) -> list[dict[str, Any]]:
    """Return messages as the visitor sees them."""
    rows = list(messages)
    names = member_names(row.member_id for row in rows)
    files = files_by_id(row.file_id for row in rows)
    return [_show(visitor, row, names, files) for row in rows]


def _show(visitor: Visitor, row: "Message", names: dict[int, str], files: "dict[int, StoredFile]") -> dict[str, Any]:
    sender = SENDERS[row.sender]
    stored = files.get(row.file_id) if row.file_id is not None else None
    own = f"{visitor.id}:"
    return {
        "id": row.pk,
        # Streamed tokens carry the key of the answer that they will become; keys of members' messages stay inside.
        "key": row.dedupe_key if sender == "assistant" else "",
        "client_key": row.dedupe_key.removeprefix(own) if row.dedupe_key.startswith(own) else "",
        "sender": sender,
        "name": names.get(row.member_id, "") if row.member_id is not None else "",
        "text": row.text,
        "generated": row.generated,
        "sources": [_source(source) for source in row.sources if isinstance(source, dict)],
        "choices": [_choice(choice) for choice in row.payload.get("items", []) if isinstance(choice, dict)]
        if row.kind == "menu"
        else [],
        "tail": str(row.payload.get("tail") or "") if row.kind == "menu" else "",
        "asks": "contact" if row.payload.get("asks") == "contact" else "",
        "file": show_file(visitor, stored) if stored is not None else None,
        "at": row.created_at,
    }


def _source(source: dict[str, Any]) -> dict[str, str]:
    return {"title": str(source.get("title") or source.get("question") or ""), "url": str(source.get("url") or "")}


def _choice(choice: dict[str, Any]) -> dict[str, str]:
    return {
        "id": str(choice.get("id", "")),
        "text": str(choice.get("text") or choice.get("title") or choice.get("question") or ""),
    }


def show_talk(conversation: "Conversation | None") -> dict[str, str]:
    """Return who has the word."""
    if conversation is None:
        return {"state": "none", "agent": ""}
    agent = member_names([conversation.assignee_id]).get(conversation.assignee_id or 0, "")
    return {"state": conversation.state, "agent": agent}
