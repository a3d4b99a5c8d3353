"""What the API of webhooks takes and gives."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from crm.records.schemas import MemberBrief


class WebhookIn(Schema):
    """A new endpoint; no kinds means every kind."""

    url: str = Field(min_length=8, max_length=2000)
    description: str = Field("", max_length=200)
    kinds: list[str] = Field(default_factory=list, max_length=300)
    with_record: bool = False
    active: bool = True


class WebhookPatch(Schema):
    """Changes of an endpoint; only what is given changes."""

    url: str | None = Field(None, min_length=8, max_length=2000)
    description: str | None = Field(None, max_length=200)
    kinds: list[str] | None = Field(None, max_length=300)
    with_record: bool | None = None
    active: bool | None = None


class WebhookOut(Schema):
    """An endpoint; its secret is not shown. `lately` counts the last day's deliveries by state."""

    id: int
    url: str
    description: str
    kinds: list[str]
    with_record: bool
    active: bool
    created_by: MemberBrief | None
    reads_as: MemberBrief | None
    previous_until: datetime | None
    failing_since: datetime | None
    failures: int
    paused_until: datetime | None
    last_success_at: datetime | None
    disabled_at: datetime | None
    disabled_reason: str
    version: int
    created_at: datetime
    updated_at: datetime
    lately: dict[str, int] = {}


class WebhookSecretOut(Schema):
    """The secret, shown this once."""

    id: int
    secret: str


class WebhookReplayIn(Schema):
    """From when on what failed shall be sent again."""

    since: datetime


class WebhookReplayedOut(Schema):
    """How many go out again; `more` says that the same call would bring further ones."""

    replayed: int
    more: bool


class EventGroupOut(Schema):
    """The kinds of events that tell of one thing."""

    group: str
    kinds: list[str]


class EventKindsOut(Schema):
    """All kinds that an endpoint can ask for."""

    items: list[EventGroupOut]


class DeliveryFilters(Schema):
    """Filters of the log."""

    endpoint_id: int | None = None
    kind: str = Field("", max_length=80)
    state: Literal["", "waiting", "delivered", "failed"] = ""
    since: datetime | None = None


class DeliveryOut(Schema):
    """A delivery as the log shows it."""

    id: int
    endpoint_id: int
    kind: str
    state: str
    attempts: int
    status_code: int | None
    error: str
    duration_ms: int | None
    created_at: datetime
    next_try_at: datetime | None
    finished_at: datetime | None


class AttemptOut(Schema):
    """One try."""

    at: datetime
    status: int | None
    error: str
    ms: int


class DeliveryDetailOut(DeliveryOut):
    """A delivery with what was sent, without the record, and the beginning of what was answered."""

    url: str
    payload: dict[str, Any]
    answer: str
    history: list[AttemptOut]

    @staticmethod
    def resolve_url(delivery: Any) -> str:
        """Return where it goes."""
        return str(delivery.endpoint.url)
