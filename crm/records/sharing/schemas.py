"""Shapes of shares, viewers and revealed values in the API."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

SharedKind = Literal["lead", "customer", "contact", "deal", "task", "conversation"]


class ShareIn(Schema):
    """Whom to let work on a record: `member:7`, `team:3`, or `department:4` with all below it."""

    subject: str = Field(pattern="^(member|team|department):[1-9][0-9]{0,17}$")
    level: Literal["read", "edit"] = "read"
    until: datetime | None = None


class ShareOut(Schema):
    """Somebody works on a record beside its owner."""

    id: int
    subject: str
    name: str
    level: str
    until: datetime | None
    by: str
    created_at: datetime


class SharesOut(Schema):
    """All of a record's shares, whether the caller may change them, and whether it may ask who can see the record."""

    items: list[ShareOut]
    may_share: bool
    may_see_viewers: bool


class ReasonOut(Schema):
    """Why somebody can see a record."""

    code: str
    role: str
    scope: str
    subject: str
    level: str
    until: datetime | None
    by_id: int | None
    member_id: int | None


class ViewerOut(Schema):
    """A member who can see a record."""

    id: int
    name: str
    title: str
    reasons: list[ReasonOut]


class ViewersOut(Schema):
    """A page of viewers; `names` has the names of what the reasons name, such as `team:3`."""

    items: list[ViewerOut]
    total: int
    next: int | None
    names: dict[str, str]


class RevealIn(Schema):
    """The field whose value is to be shown."""

    field: str = Field(max_length=100)


class RevealOut(Schema):
    """The value as it is."""

    value: Any


class SightOut(Schema):
    """What a member sees of one kind; `more` when there are more than were counted."""

    kind: str
    scopes: list[str]
    count: int
    more: bool
    fields: dict[str, str]


class ModeFieldOut(Schema):
    """A field and the modes that a role can give it."""

    name: str
    label: str
    type: str
    data_class: str
    modes: list[str]
