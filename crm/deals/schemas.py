"""Shapes of deals and pipelines in the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from ninja import Field, Schema

from crm.records.schemas import ListFilters, RecordFields


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
    next_stages: list[int] | None
    back_policy: str


class PipelineOut(Schema):
    """A pipeline with its stages."""

    id: int
    name: str
    is_default: bool
    archived_at: datetime | None
    stages: list[StageOut]

    @staticmethod
    def resolve_stages(pipeline: Any) -> list[Any]:
        """Return the stages in use in their order."""
        stages = [stage for stage in pipeline.stages.all() if stage.archived_at is None]
        return sorted(stages, key=lambda stage: (stage.position, stage.pk))


class StageIn(Schema):
    """A stage of a new pipeline, or a new stage of one."""

    name: str = Field(min_length=1, max_length=60)
    kind: Literal["open", "won", "lost"] = "open"
    probability: int = Field(0, ge=0, le=100)
    max_days: int | None = Field(None, ge=1, le=3650)
    required_fields: list[str] = Field([], max_length=30)
    back_policy: Literal["allowed", "reason", "never"] = "allowed"


class PipelineIn(Schema):
    """A new pipeline."""

    name: str = Field(min_length=1, max_length=60)
    stages: list[StageIn] = Field(max_length=40)
    is_default: bool = False


class PipelinePatch(Schema):
    """Changes of a pipeline."""

    name: str | None = Field(None, min_length=1, max_length=60)
    is_default: Literal[True] | None = None


class OrderIn(Schema):
    """All of them, in their new order."""

    ids: list[int] = Field(max_length=200)


class StagePatch(Schema):
    """Changes of a stage; `next_stages` null lets any stage follow."""

    name: str | None = Field(None, min_length=1, max_length=60)
    probability: int | None = Field(None, ge=0, le=100)
    max_days: int | None = Field(None, ge=1, le=3650)
    required_fields: list[str] | None = Field(None, max_length=30)
    next_stages: list[int] | None = Field(None, max_length=40)
    back_policy: Literal["allowed", "reason", "never"] | None = None


class StageMerge(Schema):
    """The stage that takes the deals of another."""

    into_id: int


class LossReasonOut(Schema):
    """Why deals are lost."""

    id: int
    name: str
    position: int
    archived_at: datetime | None


class LossReasonIn(Schema):
    """A new reason."""

    name: str = Field(min_length=1, max_length=60)


class LossReasonPatch(Schema):
    """Changes of a reason."""

    name: str | None = Field(None, min_length=1, max_length=60)
    archived: bool | None = None


class CompetitorOut(Schema):
    """Somebody else who sells the same."""

    id: int
    name: str
    website: str
    strengths: str
    weaknesses: str
    archived_at: datetime | None


class CompetitorIn(Schema):
    """A new competitor."""

    name: str = Field(min_length=1, max_length=120)
    website: str = Field("", max_length=300)
    strengths: str = Field("", max_length=2000)
    weaknesses: str = Field("", max_length=2000)


class CompetitorPatch(Schema):
    """Changes of a competitor."""

    name: str | None = Field(None, min_length=1, max_length=120)
    website: str | None = Field(None, max_length=300)
    strengths: str | None = Field(None, max_length=2000)
    weaknesses: str | None = Field(None, max_length=2000)
    archived: bool | None = None


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
    loss_reason_id: int | None = None
    note: str = Field("", max_length=1000)
    fields: DealPatch | None = None


class DealOut(RecordFields):
    """A deal."""

    shown_as = "deal"
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
    lost_note: str
    description: str
    amount_from_lines: bool
    stuck_at: datetime | None


class DealContactIn(Schema):
    """The part that a contact plays in a deal."""

    contact_id: int
    role: Literal["decider", "user", "influencer", "payer", "other"] = "other"
    note: str = Field("", max_length=500)


class DealContactsIn(Schema):
    """All contacts that play a part."""

    contacts: list[DealContactIn] = Field(max_length=50)


class DealCompetitorIn(Schema):
    """A competitor who is after the deal."""

    competitor_id: int
    strengths: str = Field("", max_length=1000)
    note: str = Field("", max_length=1000)


class DealCompetitorsIn(Schema):
    """All competitors who are after the deal."""

    competitors: list[DealCompetitorIn] = Field(max_length=20)


class DealLineIn(Schema):
    """Something that the deal would sell."""

    name: str = Field(min_length=1, max_length=200)
    quantity: Decimal = Field(Decimal(1), gt=0, max_digits=14, decimal_places=3)
    unit_price: Decimal = Field(Decimal(0), ge=0, max_digits=18, decimal_places=2)
    discount: Decimal = Field(Decimal(0), ge=0, le=100, max_digits=5, decimal_places=2)


class DealLinesIn(Schema):
    """All lines; `drive_amount` makes their sum the amount of the deal."""

    lines: list[DealLineIn] = Field(max_length=200)
    drive_amount: bool = False


class DealContactOut(Schema):
    """The part that a contact plays in a deal."""

    contact: Brief
    role: str
    note: str


class DealCompetitorOut(Schema):
    """A competitor who is after the deal."""

    competitor: Brief
    strengths: str
    note: str


class DealLineOut(Schema):
    """Something that the deal would sell."""

    id: int
    name: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    amount: Decimal


class DealPartsOut(Schema):
    """What hangs on a deal."""

    contacts: list[DealContactOut]
    competitors: list[DealCompetitorOut]
    lines: list[DealLineOut]
    amount_from_lines: bool


class StageStayOut(Schema):
    """A deal's stay in a stage."""

    stage_id: int
    name: str
    kind: str
    entered_at: datetime
    left_at: datetime | None
    seconds: int
    by: str
    note: str


class DealFilters(ListFilters):
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
    stuck: bool = False
    no_next_step: bool = False
    close_from: date | None = None
    close_to: date | None = None
    order: str = Field("-updated_at", max_length=80)


class BoardFilters(Schema):
    """Filters of the board, over all of its columns."""

    q: str = Field("", max_length=100)
    pipeline_id: int | None = None
    owner_id: int | None = None
    customer_id: int | None = None
    contact_id: int | None = None
    source: str = ""
    stuck: bool = False
    no_next_step: bool = False
    status: Literal["", "open", "won", "lost"] = ""


class BoardColumnOut(Schema):
    """A column of the board."""

    stage: StageOut
    count: int
    total: Decimal
    weighted: Decimal
    deals: list[DealOut]
    next: str | None
