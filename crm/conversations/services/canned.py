"""Writes canned replies."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from crm.conversations.models import CannedReply
from guanxi.access import Actor, require
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound

PERMISSION = "canned_reply.manage"


def _taken(shortcut: str) -> Conflict:
    return Conflict("shortcut_taken", f"The shortcut {shortcut} is taken.", params={"shortcut": shortcut})


@transaction.atomic
def create_canned_reply(*, actor: Actor, shortcut: str, title: str, text: str) -> CannedReply:
    """Keep a ready answer. Raises Conflict when the shortcut is taken."""
    require(actor, PERMISSION)
    if not text.strip() or not shortcut.strip():
        raise Invalid("canned_reply_incomplete", "A shortcut and a text are needed.", fields={"text": "missing"})
    try:
        with transaction.atomic():
            return CannedReply.objects.create(
                shortcut=shortcut.strip().lstrip("/"), title=title.strip(), text=text, member_id=None
            )
    except IntegrityError:
        raise _taken(shortcut) from None


def _reply(reply_id: int) -> CannedReply:
    reply = CannedReply.objects.select_for_update().filter(pk=reply_id).first()
    if reply is None:
        raise NotFound("canned reply", reply_id)
    return reply


@transaction.atomic
def update_canned_reply(*, actor: Actor, reply_id: int, changes: Mapping[str, Any]) -> CannedReply:
    """Change a ready answer."""
    require(actor, PERMISSION)
    reply = _reply(reply_id)
    for name in ("shortcut", "title", "text"):
        if changes.get(name):
            setattr(reply, name, changes[name])
    reply.updated_at = clock.now()
    try:
        with transaction.atomic():
            reply.save()
    except IntegrityError:
        raise _taken(reply.shortcut) from None
    return reply


@transaction.atomic
def delete_canned_reply(*, actor: Actor, reply_id: int) -> None:
    """Remove a ready answer."""
    require(actor, PERMISSION)
    _reply(reply_id).delete()


def use_canned_reply(*, actor: Actor, reply_id: int) -> None:
    """Count that a ready answer was used."""
    require(actor, "conversation.reply")
    if not CannedReply.objects.filter(pk=reply_id).update(use_count=F("use_count") + 1):
        raise NotFound("canned reply", reply_id)
