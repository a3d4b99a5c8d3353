"""Shapes of the knowledge base in the API."""

from datetime import date, datetime
from typing import Literal

from ninja import Field, Schema

StateName = Literal["draft", "published", "archived"]
LanguageName = Literal["zh", "en", ""]


class PieceFilters(Schema):
    """Filters of the lists; without a state everything but the archive."""

    q: str = Field("", max_length=100)
    state: Literal["", "draft", "published", "archived"] = ""
    language: Literal["", "zh", "en"] = ""
    category: str = Field("", max_length=60)
    tag: str = Field("", max_length=60)
    order: Literal["-updated_at", "-use_count", "-created_at"] = "-updated_at"


class PieceFields(Schema):
    """What FAQs and articles have in common."""

    id: int
    language: str
    category: str
    tags: list[str]
    state: str
    valid_from: date | None
    valid_until: date | None
    published_at: datetime | None
    version: int
    use_count: int
    last_used_at: datetime | None
    helpful_count: int
    unhelpful_count: int
    created_at: datetime
    updated_at: datetime


class FaqIn(Schema):
    """A new question with its answer; without a language it is told from the text."""

    question: str = Field(min_length=1, max_length=300)
    answer: str = Field(min_length=1, max_length=2000)
    similar: list[str] = Field([], max_length=50)
    language: LanguageName | None = None
    category: str = Field("", max_length=60)
    tags: list[str] = Field([], max_length=20)
    valid_from: date | None = None
    valid_until: date | None = None
    publish: bool = False


class FaqPatch(Schema):
    """Changes of a question; only what is given changes."""

    question: str | None = Field(None, min_length=1, max_length=300)
    answer: str | None = Field(None, min_length=1, max_length=2000)
    similar: list[str] | None = Field(None, max_length=50)
    language: LanguageName | None = None
    category: str | None = Field(None, max_length=60)
    tags: list[str] | None = Field(None, max_length=20)
    valid_from: date | None = None
    valid_until: date | None = None


class FaqOut(PieceFields):
    """A question with its answer."""

    question: str
    similar: list[str]
    answer: str
    source: str


class FaqBrief(Schema):
    """A FAQ as other things name one."""

    id: int
    question: str


class FaqStates(Schema):
    """Several questions that shall be published, drafts again, archived or restored."""

    ids: list[int] = Field(min_length=1, max_length=500)
    state: StateName


class StateIn(Schema):
    """A new state."""

    state: StateName


class ArticleIn(Schema):
    """A new article in Markdown."""

    title: str = Field(min_length=1, max_length=300)
    body: str = Field(min_length=1, max_length=200_000)
    language: LanguageName | None = None
    category: str = Field("", max_length=60)
    tags: list[str] = Field([], max_length=20)
    valid_from: date | None = None
    valid_until: date | None = None
    publish: bool = False


class ArticlePatch(Schema):
    """Changes of an article; only what is given changes."""

    title: str | None = Field(None, min_length=1, max_length=300)
    body: str | None = Field(None, min_length=1, max_length=200_000)
    language: LanguageName | None = None
    category: str | None = Field(None, max_length=60)
    tags: list[str] | None = Field(None, max_length=20)
    valid_from: date | None = None
    valid_until: date | None = None


class ArticleBrief(PieceFields):
    """An article in a list."""

    title: str


class ArticleOut(ArticleBrief):
    """An article."""

    body: str


class GapOut(Schema):
    """A question that nobody could answer."""

    id: int
    question: str
    language: str
    asked_count: int
    last_asked_at: datetime
    conversation_id: int | None
    nearest_faq: FaqBrief | None
    confidence: float
    state: str


class GapFilters(Schema):
    """Filters of the unanswered questions."""

    q: str = Field("", max_length=100)
    state: Literal["open", "answered", "dismissed"] = "open"


class GapAnswer(Schema):
    """What a question becomes: a FAQ of its own."""

    question: str = Field("", max_length=300)
    answer: str = Field(min_length=1, max_length=2000)
    category: str = Field("", max_length=60)
    tags: list[str] = Field([], max_length=20)
    publish: bool = False


class GapToFaq(Schema):
    """The FAQ that a question is another way to ask."""

    faq_id: int


class CountsOut(Schema):
    """How much there is."""

    faqs_published: int
    faqs_draft: int
    articles_published: int
    articles_draft: int
    gaps_open: int
    categories: list[str]


class RowProblemOut(Schema):
    """What is wrong with a row."""

    row: int
    field: str
    code: str


class RowOut(Schema):
    """A row as it was read."""

    row: int
    question: str
    answer: str
    similar: list[str]
    language: str
    category: str
    tags: list[str]


class ImportPreviewOut(Schema):
    """What an import would do."""

    file_id: int
    columns: list[str]
    rows: int
    new: int
    existing: int
    sample: list[RowOut]
    problems: list[RowProblemOut]
    problem_rows: int


class ImportIn(Schema):
    """An import that was looked through."""

    file_id: int
    duplicates: Literal["skip", "update", "add_similar"] = "skip"
    publish: bool = False


class ImportStarted(Schema):
    """The job that imports."""

    job_id: int
