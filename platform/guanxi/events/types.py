"""What subscribers see of an event."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from guanxi.tenancy import TenantRef


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may hear of an event over the socket.

    A member hears it when `everyone`, or when named in `member_ids`, or when the record of `owner_id` and
    `department_path` lies in the scope that the member's roles give for `permission`. Whoever has the permission at
    any reach hears it too when one of `owner_ids` (owners of what the record belongs to) is the member or absent and
    replaced by it, when `shares` names the member, its team or department, or when one of `also` admits it.
    """

    owner_id: int | None = None
    department_path: str = ""
    member_ids: tuple[int, ...] = ()
    everyone: bool = False
    permission: str = ""
    owner_ids: tuple[int, ...] = ()
    shares: tuple[str, ...] = ()
    also: tuple["Audience", ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {
            "owner_id": self.owner_id,
            "department_path": self.department_path,
            "member_ids": list(self.member_ids),
            "everyone": self.everyone,
            "permission": self.permission,
            "owner_ids": list(self.owner_ids),
            "shares": list(self.shares),
            "also": [part.to_json() for part in self.also],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Audience":
        """Read the stored form."""
        return cls(
            owner_id=value.get("owner_id"),
            department_path=value.get("department_path", ""),
            member_ids=tuple(value.get("member_ids", ())),
            everyone=bool(value.get("everyone")),
            permission=value.get("permission", ""),
            owner_ids=tuple(value.get("owner_ids", ())),
            shares=tuple(value.get("shares", ())),
            also=tuple(cls.from_json(part) for part in value.get("also", ())),
        )


@dataclass(frozen=True, slots=True)
class Event:
    """A domain event as a subscriber gets it."""

    id: int
    kind: str
    tenant: TenantRef | None
    aggregate_kind: str
    aggregate_id: int
    occurred_at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    actor_kind: str = "system"
    actor_id: int | None = None
