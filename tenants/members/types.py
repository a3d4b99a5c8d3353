"""Values that members are described with."""

import enum
from dataclasses import dataclass


class BuiltInRole(enum.StrEnum):
    """The roles that every workspace has."""

    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    REP = "rep"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class MemberCard:
    """The little that others show of a member."""

    id: int
    name: str
    title: str
    active: bool


@dataclass(frozen=True, slots=True)
class Founder:
    """Whoever signs a company up; the password comes hashed."""

    name: str
    email: str
    phone: str
    password_hash: str
    locale: str
    company: str
