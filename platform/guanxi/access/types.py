"""Actors, scopes and field modes."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from guanxi.tenancy import TenantRef, require_tenant


class ActorKind(enum.Enum):
    """What sort of party acts."""

    MEMBER = "member"
    API_KEY = "api_key"
    VISITOR = "visitor"
    ASSISTANT = "assistant"
    SYSTEM = "system"


class Scope(enum.IntEnum):
    """How far a permission reaches; the wider of two roles counts."""

    SELF = 1
    SUBORDINATES = 2
    DEPARTMENT = 3
    DEPARTMENT_AND_BELOW = 4
    CHOSEN = 5
    ALL = 6


class FieldMode(enum.IntEnum):
    """What a role may do with a field; the stricter of two roles' hide or mask counts."""

    HIDDEN = 0
    MASKED = 1
    READ = 2
    EDIT = 3


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission with its reach; `departments` are the paths of a CHOSEN scope."""

    scope: Scope
    departments: frozenset[str] = frozenset()


_NOTHING: Mapping[str, frozenset[Grant]] = MappingProxyType({})
_NO_MODES: Mapping[str, Mapping[str, FieldMode]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in which tenant, with which rights.

    `grants` maps a permission such as `lead.update` to its reaches (several roles combine); `subordinate_ids` are
    members below this one at any depth; `department_path` looks like `/1/4/`. Of `delegator_ids`, members who are
    absent and have named this one, the records count as the actor's own; `team_ids` are groups that records are shared
    with.
    """

    kind: ActorKind
    tenant: TenantRef
    member_id: int | None = None
    name: str = ""
    grants: Mapping[str, frozenset[Grant]] = field(default_factory=lambda: _NOTHING)
    department_path: str = ""
    subordinate_ids: frozenset[int] = frozenset()
    field_modes: Mapping[str, Mapping[str, FieldMode]] = field(default_factory=lambda: _NO_MODES)
    locale: str = "zh-CN"
    timezone: str = "Asia/Shanghai"
    reason: str = ""
    roles: tuple[str, ...] = ()
    delegator_ids: frozenset[int] = frozenset()
    team_ids: frozenset[int] = frozenset()

    @classmethod
    def system(cls, reason: str) -> "Actor":
        """Return the platform itself at work in the current tenant; it may do everything, and the audit keeps the
        reason.
        """
        return cls(kind=ActorKind.SYSTEM, tenant=require_tenant(), name="system", reason=reason)

    @classmethod
    def assistant(cls) -> "Actor":
        """Return the tenant's assistant."""
        return cls(kind=ActorKind.ASSISTANT, tenant=require_tenant(), name="assistant")

    @property
    def self_ids(self) -> frozenset[int]:
        """Return whose records count as the actor's own: the actor's, and those of whom it stands in for."""
        return self.delegator_ids if self.member_id is None else self.delegator_ids | {self.member_id}

    @property
    def subjects(self) -> frozenset[str]:
        """Return what a share may name to reach this actor: the member, its teams, its departments up to the root."""
        named = {f"team:{team_id}" for team_id in self.team_ids}
        named |= {f"department:{part}" for part in self.department_path.split("/") if part}
        return frozenset(named if self.member_id is None else {*named, f"member:{self.member_id}"})

    def field_mode(self, kind: str, field: str) -> FieldMode:
        """Return what the actor may do with a field of a kind."""
        return FieldMode.EDIT if self.is_unbounded else self.field_modes.get(kind, {}).get(field, FieldMode.EDIT)

    @property
    def is_unbounded(self) -> bool:
        """Return whether no grant is asked of this actor: our own code acts, not a person's request."""
        return self.kind in {ActorKind.SYSTEM, ActorKind.ASSISTANT}
