"""What the notifications' API takes and gives."""

from datetime import datetime, time
from typing import Any

from ninja import Field, Schema


class NotificationFilters(Schema):
    """Conditions on the list."""

    unread: bool = False
    kind: str = Field("", max_length=80)


class NotificationOut(Schema):
    """One notification; the page makes the sentence from `kind` and `params`."""

    id: int
    kind: str
    params: dict[str, Any]
    record: tuple[str, int] | None
    created_at: datetime
    read_at: datetime | None


class UnreadOut(Schema):
    """How many are unread."""

    unread: int


class ReadIn(Schema):
    """Which to mark as read: some by id, or all."""

    ids: list[int] = Field(default_factory=list, max_length=500)
    all: bool = False


class PreferenceItem(Schema):
    """What a member hears of one kind."""

    kind: str = Field(min_length=1, max_length=80)
    in_app: bool
    email: bool


class PreferencesOut(Schema):
    """All that a member has chosen; quiet hours are in the member's own time."""

    items: list[PreferenceItem]
    quiet_begins: time | None
    quiet_ends: time | None


class PreferencesIn(Schema):
    """What to change; both quiet fields null end the quiet hours, left out they stay."""

    items: list[PreferenceItem] = Field(default_factory=list, max_length=200)
    quiet_begins: time | None = None
    quiet_ends: time | None = None
