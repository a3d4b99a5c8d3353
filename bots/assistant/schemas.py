"""Shapes of the assistant in the API."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema


class SettingsOut(Schema):
    """The assistant's settings; the model's key is never shown."""

    enabled: bool
    name: str
    tone: str
    caution: str
    sentences: dict[str, dict[str, str]]
    capture_leads: bool
    max_asks: int
    hand_over_buyers: bool
    model_enabled: bool
    model_base_url: str
    model_name: str
    model_key_set: bool
    model_temperature: float
    model_timeout_seconds: int
    default_sentences: dict[str, dict[str, str]]
    vectors_ready: bool
    embeddings: bool
    version: int


class SettingsPatch(Schema):
    """Changes of the settings; only what is given changes. An empty key takes the key away."""

    enabled: bool | None = None
    name: str | None = Field(None, max_length=40)
    tone: Literal["friendly", "formal", "concise"] | None = None
    caution: Literal["eager", "balanced", "careful"] | None = None
    sentences: dict[str, dict[str, str]] | None = None
    capture_leads: bool | None = None
    max_asks: int | None = Field(None, ge=0, le=2)
    hand_over_buyers: bool | None = None
    model_enabled: bool | None = None
    model_base_url: str | None = Field(None, max_length=300)
    model_name: str | None = Field(None, max_length=120)
    model_key: str | None = Field(None, max_length=500)
    model_temperature: float | None = Field(None, ge=0, le=2)
    model_timeout_seconds: int | None = Field(None, ge=2, le=60)


class ModelCheckOut(Schema):
    """Whether the model answers; `code` says why it does not."""

    ok: bool
    code: str


class TurnIn(Schema):
    """An earlier message of a tried talk."""

    by_customer: bool
    text: str = Field(max_length=2000)


class PreviewIn(Schema):
    """A question to try; `memory` is what the last try returned."""

    text: str = Field(min_length=1, max_length=2000)
    choice: str = Field("", max_length=64)
    memory: dict[str, Any] = {}
    history: list[TurnIn] = Field([], max_length=20)


class MenuItemOut(Schema):
    """An item of a menu."""

    id: str
    text: str


class SourceOut(Schema):
    """What an answer rests on."""

    ref: str
    title: str
    score: float


class CandidateOut(Schema):
    """An entry that retrieval looked at."""

    ref: str
    question: str
    answer: str
    score: float
    cosine: float
    lexical: float


class PreviewOut(Schema):
    """What the assistant would do, and why."""

    action: str
    reason: str
    text: str
    items: list[MenuItemOut]
    tail: str
    generated: bool
    asks_contact: bool
    confidence: float
    direct_from: float
    menu_from: float
    embedded: bool
    sources: list[SourceOut]
    candidates: list[CandidateOut]
    captured: dict[str, str]
    memory: dict[str, Any]


class AnswerOut(Schema):
    """A decision about one message."""

    id: int
    message_id: int
    conversation_id: int
    action: str
    reason: str
    confidence: float
    sources: list[dict[str, Any]]
    passive: bool
    generated: bool
    milliseconds: int
    created_at: datetime


class SuggestionOut(Schema):
    """Another way to ask a question."""

    text: str
    source: str
    gap_id: int | None
