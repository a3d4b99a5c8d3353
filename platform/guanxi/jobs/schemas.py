"""What the jobs' API takes and gives."""

from datetime import datetime
from typing import Any

from ninja import Schema


class JobFilters(Schema):
    """Conditions on the list; `everyones` needs `job.read`."""

    state: str | None = None
    kind: str | None = None
    everyones: bool = False


class JobOut(Schema):
    """A job with its progress; `message_code` and `message_params` make the sentence that the page shows."""

    id: int
    kind: str
    params: dict[str, Any]
    state: str
    done: int
    total: int
    message_code: str
    message_params: dict[str, Any]
    result: dict[str, Any]
    result_file_id: int | None
    member_id: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None
