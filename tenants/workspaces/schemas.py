"""What the base site's API and the workspace's own settings take and give."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from ninja import Field, Schema
from ninja.responses import Status

__all__ = ["Status"]


class PlanOut(Schema):
    """A plan; null features are all of them, null seats as many as wanted, the price is for a seat and a month."""

    code: str
    trial_days: int
    price: Decimal | None
    currency: str
    seats: int | None
    features: list[str] | None
    quotas: dict[str, int]


class SiteOut(Schema):
    """What the sign-up page needs to know."""

    base_domain: str
    base_url: str
    workspace_url_pattern: str
    locale: str
    locales: list[str]
    plans: list[PlanOut]


class SubdomainOut(Schema):
    """Whether a subdomain may be had; `reason` is format, reserved, taken or empty."""

    slug: str
    available: bool
    reason: str
    suggestion: str


class SignUpIn(Schema):
    """The sign-up form; `key` is made up by the page once, so that a double submit is one sign-up."""

    key: UUID
    company: str = Field(max_length=200)
    slug: str = Field(max_length=100)
    name: str = Field(max_length=200)
    email: str = Field(max_length=300)
    phone: str = Field("", max_length=40)
    password: str = Field(max_length=1000)
    plan: str = Field("trial", max_length=40)
    locale: str = Field("zh-CN", max_length=20)
    timezone: str = Field("Asia/Shanghai", max_length=60)
    accepts_terms: bool


class SignUpOut(Schema):
    """How far a sign-up is; `hand_over_url` is there once, when it is ready."""

    id: UUID
    state: str
    slug: str
    workspace_url: str
    hand_over_url: str | None
    waited_seconds: int


class FindWorkspaceIn(Schema):
    """An address whose workspaces are to be mailed to it."""

    email: str = Field(max_length=300)
    locale: str = Field("zh-CN", max_length=20)


class FindWorkspaceOut(Schema):
    """Always the same."""

    sent: bool = True


class WorkspaceOut(Schema):
    """The workspace as its members see it."""

    id: int
    name: str
    slug: str
    state: str
    locale: str
    timezone: str
    currency: str
    plan_code: str
    url: str


class WorkspaceChangesIn(Schema):
    """What may be changed of it; absent stays."""

    name: str | None = Field(None, min_length=1, max_length=80)
    locale: str | None = Field(None, pattern="^(zh-CN|en)$")
    timezone: str | None = Field(None, max_length=60)
    currency: str | None = Field(None, pattern="^[A-Z]{3}$")


class DomainIn(Schema):
    """A host name to add."""

    host: str = Field(max_length=300)


class DomainOut(Schema):
    """A host name; it routes once a TXT record `record_name` with `record_value` was seen."""

    id: int
    host: str
    record_name: str
    record_value: str
    verified_at: datetime | None
    is_primary: bool
    checked_at: datetime | None
    finding: str


class DomainsOut(Schema):
    """All of them."""

    items: list[DomainOut]
