"""Shapes of deals and pipelines in the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from ninja import Field, Schema

from crm.records.schemas import RecordFields


class Brief(Schema):
    """A record as a deal names one."""

    id: int
    name: str


class StageOut(Schema):
    """A stage of a pipeline."""

    id: int
    pipeline_id: int
    name: str
    kind: str
    probability: int
    position: int
    max_days: int | None
    required_fields: list[str]


class PipelineOut(Schema):
    """A pipeline with its stages."""

    id: int
    name: str
    is_default: bool
    stages: list[StageOut]

    @staticmethod
    def resolve_stages(pipeline: Any) -> list[Any]:
        """Return the stages in their order."""
        return sorted(pipeline.stages.all(), key=lambda stage: (stage.position, stage.pk))


class StageIn(Schema):
    """A stage of a new pipeline."""

    name: str = Field(min_length=1, max_length=60)
    kind: Literal["open", "won", "lost"] = "open"
    probability: int = Field(0, ge=0, le=100)
    max_days: int | None = Field(None, ge=1, le=3650)
    required_fields: list[Literal["amount", "expected_close_on", "contact_id", "customer_id", "description"]] = []


class PipelineIn(Schema):
    """A new pipeline."""

    name: str = Field(min_length=1, max_length=60)
    stages: list[StageIn]
    is_default: bool = False


class StagePatch(Schema):
    """Changes of a stage."""

    name: str | None = Field(None, min_length=1, max_length=60)
    probability: int | None = Field(None, ge=0, le=100)
    max_days: int | None = Field(None, ge=1, le=3650)
    required_fields: list[Literal["amount", "expected_close_on", "contact_id", "customer_id", "description"]] | None = (
        None
    )


class DealFields(Schema):
    """What of a deal can be written when it is made."""

    amount: Decimal = Field(Decimal(0), ge=0, max_digits=18, decimal_places=2)
    currency: str = Field("CNY", pattern="^[A-Z]{3}$")
    expected_close_on: date | None = None
    description: str = Field("", max_length=5000)
    source: str = Field("", max_length=60)
    tags: list[str] = []
    custom: dict[str, Any] = {}
    next_action_at: datetime | None = None


class DealIn(DealFields):
    """A new deal."""

    name: str = Field(min_length=1, max_length=200)
    customer_id: int | None = None
    contact_id: int | None = None
    pipeline_id: int | None = None
    stage_id: int | None = None
    owner_id: int | None = None


class DealPatch(Schema):
    """Changes of a deal; only what is given changes."""

    name: str | None = Field(None, min_length=1, max_length=200)
    amount: Decimal | None = Field(None, ge=0, max_digits=18, decimal_places=2)
    currency: str | None = Field(None, pattern="^[A-Z]{3}$")
    expected_close_on: date | None = None
    description: str | None = Field(None, max_length=5000)
    source: str | None = Field(None, max_length=60)
    tags: list[str] | None = None
    custom: dict[str, Any] | None = None
    customer_id: int | None = None
    contact_id: int | None = None
    next_action_at: datetime | None = None


class DealMove(Schema):
    """The stage to move to, and what it asks for."""

    stage_id: int
    lost_reason: str = Field("", max_length=500)
    fields: DealPatch | None = None


class DealOut(RecordFields):
    """A deal."""

    name: str
    customer: Brief | None
    contact: Brief | None
    pipeline_id: int
    stage: StageOut
    stage_entered_at: datetime
    amount: Decimal
    currency: str
    expected_close_on: date | None
    closed_at: datetime | None
    lost_reason: str
    description: str


class DealFilters(Schema):
    """Filters of the deal list."""

    q: str = Field("", max_length=100)
    pipeline_id: int | None = None
    stage_id: int | None = None
    owner_id: int | None = None
    customer_id: int | None = None
    contact_id: int | None = None
    source: str = ""
    status: Literal["", "open", "won", "lost"] = ""
    archived: bool = False
    order: Literal["-updated_at", "-created_at", "-amount"] = "-updated_at"


class BoardFilters(Schema):
    """Filters of the board, over all of its columns."""

    q: str = Field("", max_length=100)
    pipeline_id: int | None = None
    owner_id: int | None = None
    customer_id: int | None = None
    contact_id: int | None = None
    source: str = ""


class BoardColumnOut(Schema):
    """A column of the board."""

    stage: StageOut
    count: int
    total: Decimal
    weighted: Decimal
    deals: list[DealOut]
    next: str | None
