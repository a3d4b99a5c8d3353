"""What the audit's API takes and gives."""

from datetime import datetime
from typing import Any

from ninja import Field, Schema


class AuditFilters(Schema):
    """Conditions on the trail."""

    kind: str = Field("", max_length=80)
    record_id: int | None = None
    actor_id: int | None = None
    actor_kind: str = Field("", max_length=40)
    action: str = Field("", max_length=80)
    since: datetime | None = None
    until: datetime | None = None


class AuditEntryOut(Schema):
    """One entry; `changes` maps a field to `[old, new]`."""

    id: int
    at: datetime
    actor_kind: str
    actor_id: int | None
    actor_name: str
    reason: str
    action: str
    kind: str
    record_id: int
    changes: dict[str, list[Any]]
    request_id: str
    ip: str | None
