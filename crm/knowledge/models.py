"""The knowledge base: questions with their answers, articles in chunks, and what nobody could answer."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from guanxi.common import clock
from guanxi.common.models import Timestamped


class KnowledgeBase(models.Model):
    """One row: the number that rises with every change of what is published; indexes are built anew by it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    revision = models.PositiveBigIntegerField(default=0)
    dated = models.BooleanField(
        default=False, help_text="some published entry is valid for a time only, so the date counts too"
    )
    changed_at = models.DateTimeField(default=clock.now)


class Piece(Timestamped):
    """What FAQs and articles have in common."""

    class State(models.TextChoices):
        """Only published pieces answer customers."""

        DRAFT = "draft"
        PUBLISHED = "published"
        ARCHIVED = "archived"

    language = models.TextField(default="zh", help_text="zh, en, or empty for any")
    category = models.TextField(default="", blank=True)
    tags = ArrayField(models.TextField(), default=list, blank=True)
    state = models.TextField(choices=State.choices, default=State.DRAFT)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True, help_text="the last day")
    published_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_by_id = models.BigIntegerField(null=True)
    updated_by_id = models.BigIntegerField(null=True)
    use_count = models.PositiveIntegerField(default=0, help_text="sent as an answer")
    last_used_at = models.DateTimeField(null=True)
    helpful_count = models.PositiveIntegerField(default=0)
    unhelpful_count = models.PositiveIntegerField(default=0)
    search_keys = ArrayField(models.TextField(), default=list)

    class Meta:
        abstract = True


class Faq(Piece):
    """A question, other ways to ask it, and the answer that goes out as it stands."""

    class Source(models.TextChoices):
        """How the question came into the knowledge base."""

        MANUAL = "manual"
        IMPORT = "import"
        GAP = "gap"

    question = models.TextField()
    question_key = models.TextField(
        help_text="the question without width, case and punctuation, for finding duplicates"
    )
    similar = ArrayField(models.TextField(), default=list, blank=True)
    answer = models.TextField()
    source = models.TextField(choices=Source.choices, default=Source.MANUAL)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["question_key", "language"], condition=~models.Q(state="archived"), name="one_faq_a_question"
            )
        ]
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="faq_recent"),
            models.Index(fields=["id"], condition=models.Q(state="published"), name="faq_published"),
            GinIndex(fields=["search_keys"], name="faq_search"),
        ]


class Article(Piece):
    """A longer text in Markdown; its chunks are what retrieval finds."""

    title = models.TextField()
    body = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="article_recent"),
            GinIndex(fields=["search_keys"], name="article_search"),
        ]


class ArticleChunk(models.Model):
    """A passage of an article under one heading, short enough to be quoted."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="chunks")
    position = models.PositiveIntegerField()
    heading = models.TextField(default="")
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "position"], name="one_chunk_a_position")]


class UnansweredQuestion(Timestamped):
    """A question that the assistant could not answer, counted; one click makes knowledge of it."""

    class State(models.TextChoices):
        """Whether somebody has dealt with it."""

        OPEN = "open"
        ANSWERED = "answered"
        DISMISSED = "dismissed"

    question = models.TextField()
    question_key = models.TextField()
    language = models.TextField(default="")
    asked_count = models.PositiveIntegerField(default=1)
    last_asked_at = models.DateTimeField(default=clock.now)
    conversation_id = models.BigIntegerField(null=True)
    nearest_faq = models.ForeignKey(Faq, null=True, on_delete=models.SET_NULL, related_name="+")
    confidence = models.FloatField(default=0.0)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    answered_by = models.ForeignKey(Faq, null=True, on_delete=models.SET_NULL, related_name="+")
    handled_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["question_key"], condition=models.Q(state="open"), name="one_open_gap_a_question"
            )
        ]
        indexes = [
            models.Index(
                fields=["-asked_count", "-last_asked_at", "-id"], condition=models.Q(state="open"), name="gap_open"
            )
        ]
