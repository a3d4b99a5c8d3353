"""Small types of leads."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class CapturedLead:
    """What a channel learned of somebody who may need something; empty texts are not known.

    `identity_id` is the person's identity on the channel, `touch` where the person came from.
    """

    source: str
    identity_id: int | None = None
    conversation_id: int | None = None
    name: str = ""
    company: str = ""
    phone: str = ""
    email: str = ""
    wechat: str = ""
    city: str = ""
    need: str = ""
    budget: str = ""
    timing: str = ""
    phone_verified: bool = False
    touch: dict[str, Any] = field(default_factory=dict)
    consent: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """What became of it: the lead, and whether it is new or was enriched."""

    lead_id: int
    created: bool
    changed: tuple[str, ...]
    owner_id: int | None


@dataclass(frozen=True, slots=True)
class Conversion:
    """The records that a lead became."""

    lead_id: int
    customer_id: int
    contact_id: int
    deal_id: int | None
