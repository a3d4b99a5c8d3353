"""Shapes of leads in the API."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from crm.deals.schemas import DealFields
from crm.records.schemas import ListFilters, RecordFields


class LeadFields(Schema):
    """What of a lead can be written when it is made."""

    name: str = Field("", max_length=120)
    company: str = Field("", max_length=200)
    phone: str = Field("", max_length=40)
    email: str = Field("", max_length=254)
    wechat: str = Field("", max_length=60)
    title: str = Field("", max_length=80)
    city: str = Field("", max_length=40)
    need: str = Field("", max_length=2000)
    budget: str = Field("", max_length=120)
    timing: str = Field("", max_length=120)
    score: int = Field(0, ge=0, le=100)
    source: str = Field("", max_length=60)
    tags: list[str] = []
    custom: dict[str, Any] = {}
    next_action_at: datetime | None = None


class LeadIn(LeadFields):
    """A new lead; without an owner the assignment rules choose one when `assign` is set."""

    owner_id: int | None = None
    assign: bool = False


class LeadPatch(Schema):
    """Changes of a lead; only what is given changes."""

    name: str | None = Field(None, max_length=120)
    company: str | None = Field(None, max_length=200)
    phone: str | None = Field(None, max_length=40)
    email: str | None = Field(None, max_length=254)
    wechat: str | None = Field(None, max_length=60)
    title: str | None = Field(None, max_length=80)
    city: str | None = Field(None, max_length=40)
    need: str | None = Field(None, max_length=2000)
    budget: str | None = Field(None, max_length=120)
    timing: str | None = Field(None, max_length=120)
    score: int | None = Field(None, ge=0, le=100)
    source: str | None = Field(None, max_length=60)
    tags: list[str] | None = None
    custom: dict[str, Any] | None = None
    next_action_at: datetime | None = None


class LeadOut(RecordFields):
    """A lead."""

    shown_as = "lead"
    name: str
    company: str
    phone: str
    email: str
    wechat: str
    title: str
    city: str
    need: str
    budget: str
    timing: str
    state: str
    state_reason: str
    score: int
    response_due_at: datetime | None
    first_response_at: datetime | None
    assigned_at: datetime | None
    first_touch: dict[str, Any]
    last_touch: dict[str, Any]
    conversation_id: int | None
    converted_customer_id: int | None
    converted_contact_id: int | None
    converted_deal_id: int | None
    converted_at: datetime | None


class LeadFilters(ListFilters):
    """Filters of the lead list."""

    q: str = Field("", max_length=100)
    phone: str = Field("", max_length=40)
    state: Literal["", "open", "new", "assigned", "contacting", "qualified", "converted", "nurturing", "invalid"] = ""
    owner_id: int | None = None
    source: str = ""
    city: str = ""
    unassigned: bool = False
    archived: bool = False
    no_next_step: bool = False
    order: str = Field("-created_at", max_length=80)


class LeadStateIn(Schema):
    """The next state, with its reason where one is needed."""

    state: Literal["contacting", "qualified", "nurturing", "invalid"]
    reason: str = Field("", max_length=500)


class ConvertDeal(DealFields):
    """The deal that a lead becomes."""

    name: str = Field(min_length=1, max_length=200)
    pipeline_id: int | None = None


class ConvertIn(Schema):
    """What a lead is to become: existing records by id, or new ones; a deal when its values are given."""

    customer_id: int | None = None
    contact_id: int | None = None
    deal: ConvertDeal | None = None


class ConversionOut(Schema):
    """The records that a lead became."""

    lead_id: int
    customer_id: int
    contact_id: int
    deal_id: int | None


class RuleFields(Schema):
    """An assignment rule."""

    name: str = Field(min_length=1, max_length=80)
    active: bool = True
    position: int = Field(0, ge=0)
    sources: list[str] = []
    method: Literal["round_robin", "least_loaded"] = "round_robin"
    member_ids: list[int]
    online_only: bool = False
    response_minutes: int = Field(30, ge=1, le=10_080)


class RulePatch(Schema):
    """Changes of a rule."""

    name: str | None = Field(None, min_length=1, max_length=80)
    active: bool | None = None
    position: int | None = Field(None, ge=0)
    sources: list[str] | None = None
    method: Literal["round_robin", "least_loaded"] | None = None
    member_ids: list[int] | None = None
    online_only: bool | None = None
    response_minutes: int | None = Field(None, ge=1, le=10_080)


class RuleOut(RuleFields):
    """An assignment rule."""

    id: int
