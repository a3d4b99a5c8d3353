"""Values that members are described with."""

import enum
from dataclasses import dataclass
from datetime import datetime


class BuiltInRole(enum.StrEnum):
    """The roles that every workspace has."""

    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    REP = "rep"
    AGENT = "agent"


class FirstHour(enum.StrEnum):
    """The steps of the guided first hour, in their order."""

    INVITE_COLLEAGUES = "invite_colleagues"
    CONNECT_CHANNEL = "connect_channel"
    IMPORT_CUSTOMERS = "import_customers"
    WRITE_FAQS = "write_faqs"
    TRY_ASSISTANT = "try_assistant"


@dataclass(frozen=True, slots=True)
class MemberCard:
    """The little that others show of a member."""

    id: int
    name: str
    title: str
    active: bool


@dataclass(frozen=True, slots=True)
class PersonAtWork:
    """A member with the department that the member is in."""

    id: int
    name: str
    department: str
    department_path: str


@dataclass(frozen=True, slots=True)
class FirstHourItem:
    """A step and when it was done."""

    code: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation just made, with the link that is shown this once."""

    id: int
    link: str


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key just made; the key itself is shown this once."""

    id: int
    key: str
