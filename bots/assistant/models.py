"""How a tenant's assistant is set, what it has decided, and the vectors of its knowledge."""

from django.db import models

from guanxi.common import clock
from guanxi.common.models import Timestamped


class AssistantSettings(Timestamped):
    """One row: what the tenant has chosen, and what calibration has found."""

    class Tone(models.TextChoices):
        """How a model should sound."""

        FRIENDLY = "friendly"
        FORMAL = "formal"
        CONCISE = "concise"

    class Caution(models.TextChoices):
        """How sure a stored answer must be before it is sent."""

        EAGER = "eager"
        BALANCED = "balanced"
        CAREFUL = "careful"

    id = models.SmallIntegerField(primary_key=True, default=1)
    enabled = models.BooleanField(default=True)
    name = models.TextField(default="", blank=True)
    tone = models.TextField(choices=Tone.choices, default=Tone.FRIENDLY)
    caution = models.TextField(choices=Caution.choices, default=Caution.BALANCED)
    sentences = models.JSONField(default=dict, help_text="own wording: key → language → text")
    capture_leads = models.BooleanField(default=True)
    max_asks = models.PositiveSmallIntegerField(default=2)
    consent_version = models.PositiveIntegerField(default=1)
    hand_over_buyers = models.BooleanField(default=True)
    model_enabled = models.BooleanField(default=False)
    model_base_url = models.TextField(default="", blank=True)
    model_name = models.TextField(default="", blank=True)
    model_key = models.TextField(default="", blank=True, help_text="sealed")
    model_temperature = models.FloatField(default=0.2)
    model_timeout_seconds = models.PositiveSmallIntegerField(default=20)
    thresholds = models.JSONField(default=dict, help_text="as calibrated for the vectors below")
    vector_model = models.TextField(default="", blank=True)
    vector_revision = models.PositiveBigIntegerField(
        default=0, help_text="the knowledge that all vectors are there for"
    )
    version = models.PositiveIntegerField(default=1)


class PhraseVector(models.Model):
    """The vector of one text under one model, in half precision; found by the text's digest, wherever it stands."""

    class Role(models.TextChoices):
        """A text is embedded as a question or as a passage."""

        QUESTION = "q"
        PASSAGE = "p"

    model_id = models.TextField()
    dimension = models.PositiveIntegerField()
    role = models.CharField(max_length=1, choices=Role.choices)
    digest = models.BinaryField(max_length=16)
    vector = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model_id", "role", "digest"], name="one_vector_a_text")]


class Answer(models.Model):
    """What the assistant decided about one inbound message, once."""

    message_id = models.BigIntegerField(unique=True)
    conversation_id = models.BigIntegerField()
    action = models.TextField(
        help_text="direct, menu, generated, refused, handed_over, greeted, thanked, captured, silent"
    )
    reason = models.TextField(default="", blank=True)
    confidence = models.FloatField(default=0.0)
    sources = models.JSONField(default=list)
    passive = models.BooleanField(default=False)
    generated = models.BooleanField(default=False)
    model = models.TextField(default="", blank=True)
    milliseconds = models.PositiveIntegerField(default=0)
    reply_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["conversation_id", "-id"], name="answer_talk"),
            models.Index(fields=["-created_at"], name="answer_recent"),
        ]
