"""Values of signing up and of founding a workspace."""

from dataclasses import dataclass
from uuid import UUID

from guanxi.access import Actor
from guanxi.tenancy import TenantRef


@dataclass(frozen=True, slots=True)
class SignUpForm:
    """What the sign-up page sends."""

    key: UUID
    company: str
    slug: str
    name: str
    email: str
    phone: str
    password: str
    plan: str
    locale: str
    timezone: str = "Asia/Shanghai"
    accepts_terms: bool = False


@dataclass(frozen=True, slots=True)
class Founder:
    """Whoever signs the company up; the password is hashed already."""

    name: str
    email: str
    phone: str
    password_hash: str
    company: str
    locale: str
    timezone: str


@dataclass(frozen=True, slots=True)
class FoundedOwner:
    """The owner as it stands in the new workspace."""

    user_id: int
    member_id: int


@dataclass(frozen=True, slots=True)
class Founding:
    """What the apps know when they write their first rows into a new workspace."""

    tenant: TenantRef
    company: str
    locale: str
    timezone: str
    currency: str
    owner: FoundedOwner
    actor: Actor


@dataclass(frozen=True, slots=True)
class SubdomainAnswer:
    """Whether a subdomain may be had.

    `reason` is one of format, reserved, taken, or empty; `suggestion` is one that may.
    """

    slug: str
    available: bool
    reason: str = ""
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class WorkspaceCard:
    """What a workspace shows of itself to its members."""

    id: int
    name: str
    slug: str
    state: str
    locale: str
    timezone: str
    currency: str
    plan_code: str
    url: str
