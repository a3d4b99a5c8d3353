"""Answers a customer's message once: at once in the callback's answer, or by the worker."""

import logging
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from django.db import transaction

from bots.assistant import events
from bots.assistant.extraction import Slots, extract_slots
from bots.assistant.models import Answer
from bots.assistant.selectors import history_of, incoming_of, person_of
from bots.assistant.services.settings import settings_row
from bots.assistant.services.streaming import token_sink
from bots.assistant.services.thinking import Mind, think_with_model
from bots.assistant.store import shelf_at_hand
from bots.assistant.types import Action, HandoverReason, Memory, Plan
from crm.conversations.selectors import access_message, conversation_for_bot
from crm.conversations.services import answer_key, queue_for_person, remember_context, send_bot_message
from crm.conversations.types import Said
from crm.knowledge.services import note_faq_used, record_unanswered
from crm.leads.services import capture_lead
from crm.leads.types import CapturedLead
from crm.outreach.types import SendRefused
from guanxi.access import Actor
from guanxi.common.errors import Problem
from guanxi.events.services import record_event
from guanxi.tenancy import require_tenant

if TYPE_CHECKING:
    from crm.conversations.models import Conversation, Message

logger = logging.getLogger(__name__)
MODEL_NEEDS_SECONDS = 60.0
QUOTA_REASON = "bot_quota"
CONSENT_PURPOSE = "contact"


class PassiveAssistant:
    """Fills the port by which channels answer a callback at once."""

    def respond(self, *, conversation_id: int, message_id: int, seconds: float) -> Said | None:
        """Answer by retrieval and rules alone; what needs a model is left to the worker."""
        begun = time.monotonic()
        message = access_message(Actor.assistant(), message_id)
        if message.conversation_id != conversation_id:
            return None
        conversation = conversation_for_bot(conversation_id)
        row = settings_row()
        if not _may_speak(conversation, row.enabled, message):
            return None
        if not shelf_at_hand(row):
            return None
        mind = Mind(row)
        plan = mind.plan(incoming_of(message), Memory.from_json(conversation.context), person_of(conversation))
        if plan.action is Action.ASK_MODEL or time.monotonic() - begun > seconds:
            return None
        reply = _carry_out(conversation, message, plan, mind, passive=True, begun=begun)
        return _said(reply) if reply is not None else None


def _said(reply: "Message") -> Said:
    return Said(message_id=reply.pk, kind=reply.kind, text=reply.text, payload=reply.payload, generated=reply.generated)


def _may_speak(conversation: "Conversation", enabled: bool, message: "Message") -> bool:
    return (
        enabled
        and conversation.state == "bot"
        and message.direction == "in"
        and not Answer.objects.filter(message_id=message.pk).exists()
    )


def answer_message(*, message_id: int) -> str:
    """Answer a message in the worker's time, unless that has been done; return the action.

    It may run twice: the answer's key makes it once.
    """
    begun = time.monotonic()
    try:
        message = access_message(Actor.assistant(), message_id)
        conversation = conversation_for_bot(message.conversation_id)
    except Problem:
        return Action.SILENT
    row = settings_row()
    if not _may_speak(conversation, row.enabled, message):
        return _listen_only(conversation, message, capture=row.enabled and row.capture_leads)
    mind = Mind(row)
    incoming, person = incoming_of(message), person_of(conversation)
    plan = mind.plan(incoming, Memory.from_json(conversation.context), person)
    if plan.action is Action.ASK_MODEL:
        sink = token_sink(conversation, answer_key(message_id))
        plan = think_with_model(mind, plan, incoming, person, history_of(conversation.pk, message_id), on_token=sink)
    with transaction.atomic():
        _carry_out(conversation, message, plan, mind, passive=False, begun=begun)
    return plan.action


def _listen_only(conversation: "Conversation", message: "Message", *, capture: bool) -> str:
    """People have the word: say nothing, but keep a contact that the customer leaves."""
    if (
        capture
        and conversation.state != "bot"
        and message.direction == "in"
        and not Answer.objects.filter(message_id=message.pk).exists()
    ):
        told = extract_slots(message.text).merged(_form(message))
        if told.reachable:
            with transaction.atomic():
                _capture(conversation, message, told, consent_version=settings_row().consent_version)
                _log(message, Plan(Action.CAPTURED, Memory()), None, passive=False, begun=time.monotonic(), model="")
            return Action.CAPTURED
    return Action.SILENT


def _form(message: "Message") -> Slots:
    contact = incoming_of(message).contact
    return Slots(**{name: value for name, value in contact.items() if name in Slots.__dataclass_fields__})


def _carry_out(
    conversation: "Conversation", message: "Message", plan: Plan, mind: Mind, *, passive: bool, begun: float
) -> "Message | None":
    """Say, hand over, keep and remember what was planned, in the caller's transaction; return what was said."""
    if Answer.objects.filter(message_id=message.pk).exists():
        return None
    reply = None
    if plan.text:
        try:
            with transaction.atomic():
                reply = _send(conversation, message, plan, passive=passive)
        except SendRefused:
            # The bot's share of the window is used up; what is left belongs to people.
            plan = replace(plan, reason=plan.reason or HandoverReason.ASKED) if plan.hands_over else plan
            queue_for_person(
                conversation_id=conversation.pk, reason=str(plan.reason) if plan.hands_over else QUOTA_REASON
            )
            plan = replace(plan, text="")
        if reply is None and plan.text:
            # A person took over while the answer was being thought of.
            plan = Plan(Action.SILENT, plan.memory, capture=plan.capture)
    if plan.capture is not None:
        _capture(conversation, message, plan.capture, consent_version=mind.row.consent_version)
    if plan.hands_over:
        queue_for_person(
            conversation_id=conversation.pk, reason=str(plan.reason), prefer_member_id=_preferred(conversation, plan)
        )
    remember_context(conversation_id=conversation.pk, context=plan.memory.as_json())
    _learn(conversation, message, plan)
    _log(
        message,
        plan,
        reply,
        passive=passive,
        begun=begun,
        model=mind.model.model if plan.generated and mind.model else "",
    )
    return reply


def _send(conversation: "Conversation", message: "Message", plan: Plan, *, passive: bool) -> "Message | None":
    payload: dict[str, Any] = {}
    if plan.items:
        payload = {"items": [{"id": key, "text": text} for key, text in plan.items], "tail": plan.tail}
    if plan.asks_contact:
        payload["asks"] = "contact"
    return send_bot_message(
        conversation_id=conversation.pk,
        key=answer_key(message.pk),
        text=plan.text,
        kind="menu" if plan.items else "text",
        payload=payload,
        generated=plan.generated,
        sources=sources_of(plan),
        passive=passive,
    )


def sources_of(plan: Plan) -> list[dict[str, Any]]:
    """Return what an answer rests on, as messages and decisions keep it."""
    if plan.action not in {Action.DIRECT, Action.GENERATED}:
        return []
    return [{"ref": hit.entry.key, "title": hit.entry.question, "score": round(hit.score, 3)} for hit in plan.hits]


def _preferred(conversation: "Conversation", plan: Plan) -> int | None:
    if plan.reason in {HandoverReason.VIP, HandoverReason.OPEN_DEAL}:
        return person_of(conversation).owner_id
    return None


def _capture(conversation: "Conversation", message: "Message", slots: Slots, *, consent_version: int) -> None:
    need = slots.need or (f"{slots.quantity}" if slots.quantity else "")
    known = {name: value for name, value in asdict(slots).items() if name not in {"quantity", "need"}}
    consent = {
        "channel": conversation.channel_kind,
        "purpose": CONSENT_PURPOSE,
        "text_version": str(consent_version),
        "proof": {"message_id": message.pk},
    }
    touch = conversation.attribution.get("last") or conversation.attribution
    capture_lead(
        actor=Actor.assistant(),
        captured=CapturedLead(
            source=conversation.channel_kind,
            identity_id=conversation.identity_id,
            conversation_id=conversation.pk,
            need=need,
            touch=dict(touch) if isinstance(touch, dict) else {},
            consent=consent if slots.reachable else None,
            **{**known, "name": slots.name or conversation.identity.display_name},
        ),
    )


def _learn(conversation: "Conversation", message: "Message", plan: Plan) -> None:
    """Count the answer that went out; keep the question that had none."""
    if plan.action in {Action.DIRECT, Action.GENERATED}:
        for hit in plan.hits:
            kind, _, number = hit.entry.key.partition(":")
            if kind == "faq":
                note_faq_used(faq_id=int(number))
    if plan.unanswered and message.kind == "text":
        nearest = next((hit.entry.key for hit in plan.hits if hit.entry.key.startswith("faq:")), "")
        record_unanswered(
            question=message.text,
            conversation_id=conversation.pk,
            nearest_faq_id=int(nearest.partition(":")[2]) if nearest else None,
            confidence=plan.confidence,
        )


def _log(message: "Message", plan: Plan, reply: "Message | None", *, passive: bool, begun: float, model: str) -> None:
    answer = Answer.objects.create(
        message_id=message.pk,
        conversation_id=message.conversation_id,
        action=plan.action,
        reason=str(plan.reason or ""),
        confidence=plan.confidence,
        sources=sources_of(plan),
        passive=passive,
        generated=plan.generated,
        model=model,
        milliseconds=min(int((time.monotonic() - begun) * 1000), 2_000_000_000),
        reply_id=reply.pk if reply is not None else None,
    )
    record_event(
        events.ANSWERED,
        actor=Actor.assistant(),
        aggregate=("conversation", message.conversation_id),
        data={
            "message_id": message.pk,
            "action": answer.action,
            "reason": answer.reason,
            "tenant": require_tenant().id,
        },
    )
