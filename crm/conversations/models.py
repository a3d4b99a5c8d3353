"""Conversations with customers, their messages, and what agents keep beside them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from guanxi.common import clock
from guanxi.common.models import Timestamped


class Conversation(Timestamped):
    """The talk with one person over one channel."""

    class State(models.TextChoices):
        """Who has the word."""

        BOT = "bot"
        QUEUED = "queued"
        OPEN = "open"
        SNOOZED = "snoozed"
        RESOLVED = "resolved"

    channel_id = models.BigIntegerField()
    channel_kind = models.TextField()
    identity = models.ForeignKey("customers.Identity", on_delete=models.PROTECT, related_name="+")
    state = models.TextField(choices=State.choices, default=State.BOT)
    assignee = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    last_assignee = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    owner = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    owner_department_path = models.TextField(
        default="", blank=True, help_text="of the owner of the lead or customer; the scope reads it"
    )
    handover_reason = models.TextField(default="", blank=True)
    handed_over_at = models.DateTimeField(null=True)
    first_replied_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    last_message_at = models.DateTimeField(default=clock.now)
    last_inbound_at = models.DateTimeField(null=True)
    last_message_preview = models.TextField(default="", blank=True)
    waiting_since = models.DateTimeField(null=True, help_text="since when the customer waits for an answer by a person")
    unread_count = models.PositiveIntegerField(default=0)
    lead_id = models.BigIntegerField(null=True)
    contact_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    attribution = models.JSONField(default=dict)
    context = models.JSONField(default=dict, help_text="what the assistant remembers since the last resolve")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel_id", "identity"], name="one_conversation_a_person")]
        indexes = [
            models.Index(fields=["-last_message_at", "-id"], name="conversation_recent"),
            models.Index(fields=["assignee", "-last_message_at", "-id"], name="conversation_mine"),
            models.Index(fields=["waiting_since", "id"], condition=models.Q(state="queued"), name="conversation_queue"),
        ]


class Message(models.Model):
    """One message of a conversation, stored once."""

    class Direction(models.TextChoices):
        """Which way the message went."""

        IN = "in"
        OUT = "out"

    class Sender(models.TextChoices):
        """Who wrote it."""

        CUSTOMER = "customer"
        ASSISTANT = "assistant"
        MEMBER = "member"
        SYSTEM = "system"

    class State(models.TextChoices):
        """How far an outbound message is; inbound ones are received."""

        RECEIVED = "received"
        PENDING = "pending"
        SENT = "sent"
        DELIVERED = "delivered"
        FAILED = "failed"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    channel_id = models.BigIntegerField()
    dedupe_key = models.TextField(help_text="the channel's message id, or our own key for what we send")
    direction = models.TextField(choices=Direction.choices)
    sender = models.TextField(choices=Sender.choices)
    member_id = models.BigIntegerField(null=True)
    kind = models.TextField(
        default="text", help_text="text, image, voice, video, file, location, link, menu, event, note"
    )
    text = models.TextField(default="", blank=True)
    payload = models.JSONField(default=dict)
    file_id = models.BigIntegerField(null=True)
    generated = models.BooleanField(default=False, help_text="written by a model; carries the visible label")
    sources = models.JSONField(default=list)
    state = models.TextField(choices=State.choices, default=State.RECEIVED)
    leased_until = models.DateTimeField(null=True, help_text="a worker is sending it")
    error = models.TextField(default="", blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    reply = models.JSONField(
        null=True, help_text="the passive reply that this inbound message got, for when it is sent again"
    )
    sent_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now)
    search_keys = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel_id", "dedupe_key"], name="message_once")]
        indexes = [
            models.Index(fields=["conversation", "-id"], name="message_talk"),
            models.Index(fields=["id"], condition=models.Q(state="pending"), name="message_pending"),
            GinIndex(fields=["search_keys"], name="message_search"),
        ]


class CannedReply(Timestamped):
    """A ready answer that agents insert by its shortcut."""

    shortcut = models.TextField(unique=True)
    title = models.TextField()
    text = models.TextField()
    shared = models.BooleanField(default=True)
    member = models.ForeignKey("members.Member", null=True, on_delete=models.CASCADE, related_name="+")
    use_count = models.PositiveIntegerField(default=0)
